import { describe, expect, it } from 'vitest';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { decideHold, decideRelease, type HoldDecision } from '../../functions/domain/legal-hold.ts';
import { unknownPatient } from '../../functions/domain/patient.ts';
import { order } from '../erasable-patients.ts';
import { exampleClinic } from '../example-clinic.ts';
import { storedAfter } from '../reminder-patients.ts';

const now = '2026-05-01T09:00:00.000Z';
const known = storedAfter();

function changeOf(decision: HoldDecision) {
  if ('refused' in decision) throw new Error(decision.refused);
  return decision.change;
}

describe('a legal hold', () => {
  it('says since when, by whom and why, changes nothing else of the patient, and is recorded', () => {
    const change = changeOf(decideHold(known, order, exampleClinic, now));
    expect(change.patient).toEqual({ ...known, legalHold: { since: now, by: 'it', reason: order.reason } });
    expect(change.audit).toMatchObject({
      action: 'patient.hold',
      agent: { who: 'it', role: 'clinic' },
      reason: order.reason,
      changed: true,
      detail: { accessKeyId: order.accessKeyId },
    });
  });

  it('stands until it is released, which is recorded too', () => {
    const held = { ...known, ...changeOf(decideHold(known, order, exampleClinic, now)).patient };
    expect(decideHold(held, order, exampleClinic, now)).toEqual({ refused: expect.stringContaining(`since ${now}`) });
    const released = changeOf(decideRelease(held, { ...order, reason: 'the case is closed' }, exampleClinic, now));
    expect(released.patient.legalHold).toBeNull();
    expect(released.audit).toMatchObject({ action: 'patient.release', reason: 'the case is closed', changed: true });
  });

  it('cannot be released where none stands', () => {
    expect(decideRelease(known, order, exampleClinic, now)).toEqual({
      refused: expect.stringContaining('no legal hold'),
    });
  });

  it('makes nobody known', () => {
    const nobody = unknownPatient('p-x', genesis('p-x'));
    for (const decide of [decideHold, decideRelease])
      expect(decide(nobody, order, exampleClinic, now)).toEqual({
        refused: expect.stringContaining('no patient of this id'),
      });
  });
});
