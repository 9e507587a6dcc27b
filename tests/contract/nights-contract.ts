import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decideReview } from '../../functions/domain/decide-review.ts';
import type { NightLine, NightRun } from '../../functions/domain/night.ts';
import type { Nights, ReviewIndex } from '../../functions/ports/nights.ts';
import type { Patients } from '../../functions/ports/patients.ts';
import { exampleClinic } from '../example-clinic.ts';
import { activity, newPatient, now, recorded } from './changes.ts';

interface Ports {
  readonly patients: Patients;
  readonly nights: Nights;
  readonly reviewIndex: ReviewIndex;
}

const later = '2026-03-02T07:00:00.000Z';
const run = (night: string): NightRun => ({
  night,
  rules: 'sha256:rules',
  startedAt: later,
  until: null,
  finished: null,
});
const result = { at: later, due: 2, assessed: 1, changed: 1, setAside: 1, missed: 0, seconds: 9 };
const lineOf = (night: string): NightLine => ({
  night,
  patient: newPatient(),
  outcome: 'set-aside',
  changed: false,
  therapist: null,
  alerts: [],
});
/** Nights that no other test of the suite uses. */
let day = 0;
const newNight = () => {
  day += 1;
  return `2026-${String(1 + Math.floor(day / 25)).padStart(2, '0')}-${String(1 + (day % 25)).padStart(2, '0')}`;
};

const daysLater = (night: string, count: number) =>
  new Date(Date.parse(night) + count * 86_400_000).toISOString().slice(0, 10);

export function nightsContract(where: string, start: () => Promise<Ports>): void {
  describe(`the accounts of the nights ${where}`, async () => {
    const { patients, nights, reviewIndex } = await start();

    async function allDue(until: string | null): Promise<string[]> {
      const ids: string[] = [];
      for (const shard of reviewIndex.shards) {
        let cursor: string | null = null;
        do {
          const page = await reviewIndex.due(shard, until, cursor);
          ids.push(...page.due.map(({ id }) => id));
          cursor = page.cursor;
        } while (cursor !== null);
      }
      return ids;
    }

    it('list everyone who is due, and after the review only those due again', async () => {
      const id = newPatient();
      await patients.commit(await patients.load(id), recorded(await patients.load(id), activity(randomUUID())));
      expect(await allDue(later)).toContain(id);
      expect(await allDue('2026-01-01T00:00:00.000Z')).not.toContain(id);

      const patient = await patients.load(id);
      const night = newNight();
      const review = decideReview(patient, night, later, null, exampleClinic, later);
      if (review === null) throw new Error('the patient should be due');
      await patients.commit(patient, review);
      // Nobody enrolled this patient, so there is nothing to look at until an event comes; everyone is still everyone.
      expect(await allDue(later)).not.toContain(id);
      expect(await allDue(null)).toContain(id);
      expect(await nights.lines(night)).toEqual([
        { night, patient: id, outcome: 'assessed', changed: false, therapist: null, alerts: [] },
      ]);
      expect((await patients.load(id)).reviewedOn).toBe(night);
    });

    it('begin once: a second start gets the first one\u2019s account', async () => {
      const night = newNight();
      expect(await nights.load(night)).toBeUndefined();
      expect(await nights.open(run(night))).toEqual(run(night));
      expect(await nights.open({ ...run(night), startedAt: now, until: now })).toEqual(run(night));
    });

    it('keep a set-aside patient once a night', async () => {
      const line = lineOf(newNight());
      await nights.open(run(line.night));
      await nights.setAside(line, 'Unreadable', later);
      await nights.setAside(line, 'Unreadable', later);
      expect(await nights.lines(line.night)).toEqual([line]);
    });

    it('end with the counts and the morning lists, and keep the first end in which nobody was missed', async () => {
      const night = newNight();
      const opened = await nights.open(run(night));
      const lists = [
        { night, therapist: 't-1', patients: 1, alerts: ['a-1'] },
        { night, therapist: null, patients: 1, alerts: ['a-2'] },
      ];
      await nights.close(opened, { ...result, missed: 3 }, []);
      await nights.close(opened, result, lists);
      await nights.close(opened, { ...result, seconds: 99 }, []);
      expect(await nights.load(night)).toEqual({ ...opened, finished: result });
      expect(
        (await nights.morningLists(night)).toSorted((a, b) => ((a.therapist ?? '~') < (b.therapist ?? '~') ? -1 : 1)),
      ).toEqual(lists);
      expect(await nights.lastFinishedBefore(daysLater(night, 3))).toMatchObject({ night });
      expect(await nights.lastFinishedBefore('2020-01-01')).toBeUndefined();
    });
  });
}
