import type { Clinic } from './clinic.ts';
import type { Instant } from './instant.ts';
import type { Reminded, ReminderRecord } from './reminder.ts';
import { nextReminder, type PlannedReminder, recordOf } from './reminder-plan.ts';
import { drawFor, type Trial } from './reminder-trial.ts';

/** What one round does for one patient. */
export interface RoundDecision {
  /** New records, to be added to the others in one commit: what is dropped, and the claim of what is to be sent. */
  readonly records: readonly ReminderRecord[];
  /** To be sent once its claim is committed, and not before; null: nothing now. */
  readonly send: PlannedReminder | null;
  /** When a round has to look at this patient again; null: not before an event comes. */
  readonly nextAt: Instant | null;
}

/** The most records of one decision: all of it is one transaction, of at most 100 items, with one audit record of at most 8 KiB. */
export const mostRecords = 20;

/**
 * Everything due at a moment, with at most one reminder to send: where more are due, the next round goes on.
 * @param trial the clinic's own, which holds some back; null: none runs.
 */
export function decideRound(
  reminded: Reminded,
  clinic: Clinic,
  now: Instant,
  trial: Trial | null = null,
): RoundDecision {
  const records: ReminderRecord[] = [];
  let send: PlannedReminder | null = null;
  for (;;) {
    const next = nextReminder({ ...reminded, records: [...reminded.records, ...records] }, clinic, now);
    if (next === null) return { records, send, nextAt: null };
    if (next.at > now || send !== null || records.length === mostRecords) return { records, send, nextAt: next.at };
    const record = recordOf(next, now, drawFor(next, reminded.records, trial, now));
    records.push(record);
    if (record.outcome === 'claimed') send = next;
  }
}
