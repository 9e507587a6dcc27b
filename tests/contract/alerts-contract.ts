import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AlertTrigger } from '../../functions/domain/alert-lifecycle.ts';
import { decideAlert } from '../../functions/domain/decide-alert.ts';
import { later } from '../../functions/domain/instant.ts';
import type { AlertClaims } from '../../functions/ports/alert-claims.ts';
import type { AlertIndex } from '../../functions/ports/alert-index.ts';
import type { AlertTokens } from '../../functions/ports/alert-tokens.ts';
import type { Patients } from '../../functions/ports/patients.ts';
import { exampleClinic } from '../example-clinic.ts';
import { newPatient, now, questionnaire, recorded } from './changes.ts';

interface Ports {
  readonly patients: Patients;
  readonly alertIndex: AlertIndex;
  readonly alertClaims: AlertClaims;
  readonly alertTokens: AlertTokens;
}

/** What every adapter of the ports AlertIndex, AlertClaims and AlertTokens promises. */
export function alertsContract(where: string, start: () => Promise<Ports>): void {
  describe(`alerts ${where}`, async () => {
    const { patients, alertIndex, alertClaims, alertTokens } = await start();

    async function dueAt(alert: string, until: string | null): Promise<string | undefined> {
      let cursor: string | null = null;
      do {
        const page = await alertIndex.due('urgent', until, cursor);
        const place = page.places.find((one) => one.alert === alert);
        if (place !== undefined) return place.dueAt;
        cursor = page.cursor;
      } while (cursor !== null);
      return undefined;
    }

    async function tell(id: string, alert: string, trigger: AlertTrigger, at: string) {
      const patient = await patients.load(id);
      const { change } = decideAlert(patient, alert, trigger, exampleClinic, at);
      if (change === null) throw new Error('nothing was decided');
      await patients.commit(patient, change);
      return change.changedAlerts[0];
    }

    it('stand in the index from the answer that opens them until they end, due while a message waits', async () => {
      const id = newPatient();
      await patients.commit(await patients.load(id), recorded(await patients.load(id), questionnaire()));
      const alert = (await patients.load(id)).alerts[0]?.id ?? '';
      expect(await dueAt(alert, now)).toBe(now);
      expect(await alertIndex.standing({ patient: id, alert })).toEqual({ tier: 'urgent', dueAt: now });
      expect(await dueAt(alert, later(now, -1))).toBeUndefined();
      expect(await alertIndex.patientOf(alert)).toBe(id);

      const asked = await tell(id, alert, { kind: 'deadline' }, now);
      expect(asked?.outbox.length).toBeGreaterThan(0);
      expect(await dueAt(alert, now)).toBe(now);
      const sent = asked?.outbox.map((message) => message.id) ?? [];
      const waiting = await tell(id, alert, { kind: 'sent', messages: sent }, now);
      expect(await dueAt(alert, now)).toBeUndefined();
      expect(await dueAt(alert, null)).toBe(waiting?.nextActionAt);
      expect((await alertIndex.standing({ patient: id, alert }))?.dueAt).toBe(waiting?.nextActionAt);

      const by = asked?.told[0] ?? '';
      const outcome = { code: 'reached' } as const;
      const version = waiting?.version ?? 0;
      await tell(id, alert, { kind: 'resolve', by, version, outcome, source: 'portal' }, now);
      expect(await dueAt(alert, null)).toBeUndefined();
      expect(await alertIndex.standing({ patient: id, alert })).toBeNull();
      expect(await alertIndex.patientOf(alert)).toBe(id);
    });

    it('keep how their workflow can be woken, the newest in place of the one before', async () => {
      const id = newPatient();
      await patients.commit(await patients.load(id), recorded(await patients.load(id), questionnaire()));
      const name = { patient: id, alert: `a-${randomUUID()}` };
      expect(await alertTokens.newest(name)).toBeNull();
      const first = { token: randomUUID(), dueAt: now };
      await alertTokens.keep(name, first, now);
      expect(await alertTokens.newest(name)).toEqual(first);
      const second = { token: randomUUID(), dueAt: later(now, 1) };
      await alertTokens.keep(name, second, now);
      expect(await alertTokens.newest(name)).toEqual(second);
      expect(await alertTokens.newest({ ...name, alert: `a-${randomUUID()}` })).toBeNull();
    });

    it('have no owner and stand nowhere where there never was one', async () => {
      expect(await alertIndex.standing({ patient: newPatient(), alert: `a-${randomUUID()}` })).toBeNull();
      expect(await alertIndex.patientOf(`a-${randomUUID()}`)).toBeNull();
    });

    it('are sent by one at a time, until the claim is given back or runs out', async () => {
      const alert = `a-${randomUUID()}`;
      const until = later(now, 60_000);
      const first = await Promise.all(['one', 'two', 'three'].map((one) => alertClaims.take(alert, one, now, until)));
      expect(first.filter(Boolean)).toHaveLength(1);
      const holder = ['one', 'two', 'three'][first.indexOf(true)] ?? '';
      expect(await alertClaims.take(alert, holder, now, until)).toBe(true);
      expect(await alertClaims.take(alert, 'four', later(until, -1), later(until, 60_000))).toBe(false);
      await alertClaims.release(alert, 'four');
      expect(await alertClaims.take(alert, 'four', now, until)).toBe(false);
      await alertClaims.release(alert, holder);
      expect(await alertClaims.take(alert, 'four', now, until)).toBe(true);
      expect(await alertClaims.take(alert, 'five', until, later(until, 60_000))).toBe(true);
    });
  });
}
