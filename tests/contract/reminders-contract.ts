import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { type Change, decideEvent } from '../../functions/domain/decide.ts';
import { decideReminderOutcome, decideReminderRound } from '../../functions/domain/decide-reminder.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { later } from '../../functions/domain/instant.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import type { Patients } from '../../functions/ports/patients.ts';
import type { ReminderIndex } from '../../functions/ports/reminder-index.ts';
import { exampleClinic } from '../example-clinic.ts';
import { newPatient } from './changes.ts';

interface Ports {
  readonly patients: Patients;
  readonly reminderIndex: ReminderIndex;
}

const enrolledAt = '2026-03-02T12:00:00.000Z';
const sixPm = '2026-03-02T18:00:00.000Z';
const monday = '2026-03-09T18:00:00.000Z';

/** What every adapter of the port ReminderIndex promises, and of Patients as far as reminders go. */
export function remindersContract(where: string, start: () => Promise<Ports>): void {
  describe(`reminders ${where}`, async () => {
    const { patients, reminderIndex } = await start();

    /** Where a patient stands in the index; undefined: not among those due at `until`. Reads every page of every shard. */
    async function placeOf(id: PatientId, until: string): Promise<string | undefined> {
      for (const shard of reminderIndex.shards) {
        let cursor: string | null = null;
        do {
          const page = await reminderIndex.due(shard, until, cursor);
          const moments = page.due.map(({ reminderAt }) => reminderAt);
          expect(moments).toEqual(moments.toSorted());
          const place = page.due.find((one) => one.id === id);
          if (place !== undefined) return place.reminderAt;
          cursor = page.cursor;
        } while (cursor !== null);
      }
      return undefined;
    }

    async function commit(id: PatientId, changed: Change | null | undefined) {
      if (!changed) throw new Error('nothing was decided');
      await patients.commit(await patients.load(id), changed);
    }

    async function tell(id: PatientId, type: ClinicalEvent['type'], data: object, occurredAt: string) {
      const event = { id: `${id}-${type}`, type, occurredAt, patient: 'vendor-1', data } as ClinicalEvent;
      await commit(id, decideEvent(await patients.load(id), event, null, exampleClinic, occurredAt));
    }

    async function enrolled(): Promise<PatientId> {
      const id = newPatient();
      const contact = { preferred: 'sms', sms: '+12025550123' };
      const enrolment = { programme: 'depression', track: 'self-guided', timeZone: 'UTC', contact };
      await tell(id, 'PatientEnrolled', enrolment, enrolledAt);
      await tell(id, 'ConsentGiven', { scopes: ['reminders'] }, later(enrolledAt, 1));
      return id;
    }

    it('are due from the moment that the newest decision named, and from no other', async () => {
      const id = await enrolled();
      expect(await placeOf(id, sixPm)).toBe(sixPm);
      expect(await placeOf(id, later(sixPm, -1))).toBeUndefined();
      await tell(id, 'PreferencesChanged', { hour: '19:30' }, later(enrolledAt, 2));
      expect(await placeOf(id, sixPm)).toBeUndefined();
      expect(await placeOf(id, monday)).toBe('2026-03-02T19:30:00.000Z');
    });

    it('leave the index where nothing is ahead, and come back with an event', async () => {
      const id = await enrolled();
      await tell(id, 'PatientActive', { kind: 'log-in' }, later(enrolledAt, 3));
      const patient = await patients.load(id);
      await commit(id, { ...withoutReminders(patient.state), patient: { ...patient, reminderAt: null } });
      expect(await placeOf(id, '9999-01-01T00:00:00.000Z')).toBeUndefined();
      await tell(id, 'ModuleStarted', { module: 'm1' }, later(enrolledAt, 4));
      expect(await placeOf(id, sixPm)).toBe(sixPm);
    });

    it('come back byte for byte, from the claim to the outcome, and move in the index with each', async () => {
      const id = await enrolled();
      const decision = decideReminderRound(await patients.load(id), null, exampleClinic, sixPm);
      await commit(id, decision?.change);
      const claimed = await patients.load(id);
      expect(canonicalText(claimed.reminders)).toBe(canonicalText(decision?.change.patient.reminders));
      expect(await placeOf(id, monday)).toBe(claimed.reminderAt);
      const key = decision?.send?.key ?? '';
      const refused = { outcome: 'failed', channel: 'sms', reason: 'opted-out' } as const;
      const outcome = decideReminderOutcome(claimed, key, refused, exampleClinic, later(sixPm, 900));
      await commit(id, outcome);
      expect(await patients.load(id)).toMatchObject({
        reminders: [{ key, outcome: 'failed', reason: 'opted-out' }],
        refusals: [{ channel: 'sms', at: later(sixPm, 900) }],
        gaveUpAfter: null,
        reminderAt: outcome?.patient.reminderAt,
      });
      expect(await placeOf(id, monday)).toBe(outcome?.patient.reminderAt ?? undefined);
    });
  });
}

/** A decision about nothing. */
function withoutReminders(state: Change['patient']['state']): Omit<Change, 'patient'> {
  return {
    at: enrolledAt,
    foldedUnder: exampleClinic.hash,
    changedAlerts: [],
    assessments: [],
    event: null,
    reminders: [],
    night: null,
    unreadable: false,
    audit: {
      action: 'reminder.decide',
      agent: { who: 'tandem', role: 'system' },
      source: 'reminder round',
      part: 'reminders',
      outcome: 'success',
      reason: 'nothing ahead',
      changed: true,
      rules: exampleClinic.hash,
      detail: { events: state.events },
    },
  };
}
