import type { ReminderIndex } from '../../ports/reminder-index.ts';
import { shardOf, shards } from '../shard.ts';
import { type Faults, withFaults } from './faults.ts';
import type { MemoryPatients } from './patients.ts';

/** Read off the patients themselves: it never lags behind. */
export function memoryReminderIndex(
  patients: MemoryPatients,
  faults: Faults = {},
  patientsOfPage = 200,
): ReminderIndex {
  return {
    shards,
    due: (shard, until, cursor) =>
      withFaults(faults, 'reminderIndex.due', () => {
        const found = patients
          .patients()
          .flatMap(({ id, reminderAt }) => (reminderAt === null || reminderAt > until ? [] : [{ id, reminderAt }]))
          .filter(({ id }) => shardOf(id) === shard)
          .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
          .filter((place) => cursor === null || placeOf(place) > cursor);
        const due = found.slice(0, patientsOfPage);
        const last = found.length > patientsOfPage ? due.at(-1) : undefined;
        return { due, cursor: last === undefined ? null : placeOf(last) };
      }),
  };
}

function placeOf({ id, reminderAt }: { readonly id: string; readonly reminderAt: string }): string {
  return `${reminderAt} ${id}`;
}
