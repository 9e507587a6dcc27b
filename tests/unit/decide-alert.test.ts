import { describe, expect, it } from 'vitest';
import { MemoryPatients } from '../../functions/adapters/memory/patients.ts';
import { type Alert, newAlert } from '../../functions/domain/alert.ts';
import type { AlertTrigger } from '../../functions/domain/alert-lifecycle.ts';
import { genesis, sealRecord } from '../../functions/domain/audit-chain.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { decideAlert } from '../../functions/domain/decide-alert.ts';
import { type Patient, unknownPatient, unknownState } from '../../functions/domain/patient.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { exampleClinic } from '../example-clinic.ts';
import { escalationOf, planOf } from '../example-escalation.ts';

const clinic: Clinic = { ...exampleClinic, escalation: planOf() };
const now = '2026-03-02T10:00:00.000Z';
const alertOf = (id: string, tier: Alert['tier'] = 'urgent') =>
  newAlert({ id, cause: 'safety', tier, evidence: [] }, now);

function patientWith(...alerts: Alert[]): Patient {
  const unknown = unknownPatient('p-1', genesis('p-1'));
  return { ...unknown, version: 3, state: { ...unknownState, therapist: 't-7' }, alerts };
}
const decide = (patient: Patient, trigger: AlertTrigger, at = now) => decideAlert(patient, 'a-1', trigger, clinic, at);
const resolve: AlertTrigger = {
  kind: 'resolve',
  by: 't-7',
  version: 1,
  outcome: { code: 'reached' },
  source: 'portal',
};
const acknowledge: AlertTrigger = { kind: 'acknowledge', by: 's-1', version: 1, source: 'portal' };

describe('a decision about an alert', () => {
  it('is one change: the alert, the patient without anything else changed, and the record under its rules and plan', () => {
    const patient = patientWith(alertOf('a-0'), alertOf('a-1'));
    const { result, change } = decide(patient, { kind: 'deadline' });
    expect(result).toBe('done');
    expect(change).toMatchObject({
      at: now,
      foldedUnder: clinic.hash,
      changedAlerts: [{ id: 'a-1', step: 0, outbox: [{ to: 't-7' }] }],
      patient: {
        alerts: [
          { id: 'a-0', step: null },
          { id: 'a-1', step: 0 },
        ],
        state: patient.state,
      },
      event: null,
      assessments: [],
      night: null,
      audit: { action: 'alert.notify', rules: clinic.hash, detail: { alert: 'a-1', plan: clinic.escalation.hash } },
    });
    const older = decide({ ...patient, foldedUnder: 'sha256:old' }, { kind: 'deadline' }).change;
    expect(older?.foldedUnder).toBe('sha256:old');
  });

  it('is nothing where there is nothing to do', () => {
    const patient = patientWith(alertOf('a-1'));
    const early = '2026-03-02T09:59:59.999Z';
    expect(decide(patient, { kind: 'deadline' }, early)).toEqual({
      result: 'done',
      reason: 'nothing left to do',
      change: null,
    });
    expect(decide(patientWith(), { kind: 'deadline' }).change).toBeNull();
    expect(decide(patientWith(), { kind: 'sent', messages: [] }).change).toBeNull();
  });

  it('takes an alert off the open ones when it is resolved', () => {
    expect(decide(patientWith(alertOf('a-1')), resolve).change).toMatchObject({
      changedAlerts: [{ status: 'resolved', outcome: { code: 'reached' } }],
      patient: { alerts: [] },
    });
  });

  it('leaves it resolved when an acknowledgement comes late: recorded as seen, and the person is told (E03)', () => {
    const resolved = decide(patientWith(alertOf('a-1')), resolve).change;
    const after = { ...patientWith(), ...resolved?.patient };
    const late = decide(after, acknowledge, '2026-03-02T10:00:00.200Z');
    expect(late).toMatchObject({
      result: 'seen-late',
      reason: 'seen late: the alert had ended',
      change: {
        changedAlerts: [],
        patient: { alerts: [] },
        audit: {
          action: 'alert.answer',
          changed: false,
          agent: { who: 's-1' },
          detail: { alert: 'a-1', answer: 'acknowledge' },
        },
      },
    });
    expect(decide(after, { kind: 'seen', by: 't-7', source: 'portal' })).toMatchObject({ result: 'seen-late' });
  });

  it('records a refusal and a look, and changes no alert by them', () => {
    const patient = patientWith(alertOf('a-1'));
    const foreign = decide(patient, { ...acknowledge, by: 'c-1' });
    expect(foreign).toMatchObject({ result: 'refused-person', reason: 'not on the list of this alert' });
    expect(foreign.change).toMatchObject({
      changedAlerts: [],
      patient: { alerts: patient.alerts },
      audit: { outcome: 'refused' },
    });
    expect(decide(patient, { kind: 'seen', by: 't-7', source: 'portal' }).change).toMatchObject({ changedAlerts: [] });
  });

  it('fits into an audit record however large the plan is', () => {
    const { staff } = escalationOf();
    const many = ['supervisor', 'clinical-lead', 'operator'].flatMap((role) =>
      Array.from({ length: 20 }, (_, index) => ({
        id: `${role}-${index}-`.padEnd(64, 'x'),
        roles: [role],
        email: 'a@example.org',
      })),
    );
    const large = { ...clinic, escalation: planOf({ staff: [...staff, ...many], absences: [] }) };
    const last = { ...alertOf('a-1'), step: 2 };
    const { change } = decideAlert(patientWith(last), 'a-1', { kind: 'deadline' }, large, now);
    expect(change?.changedAlerts[0]?.outbox.length).toBeGreaterThan(60);
    if (change === null) throw new Error('nothing was decided');
    const { audit } = change;
    expect(sealRecord(patientWith(), audit, now, new Uint8Array(16)).bytes.length).toBeLessThan(8 * 1024);
  });

  it('is decided once by two who drive the same alert at once', async () => {
    const patients = new MemoryPatients();
    const unknown = await patients.load('p-1');
    const opened = decideAlert(
      { ...unknown, alerts: [alertOf('a-1')] },
      'a-1',
      { kind: 'deadline' },
      clinic,
      now,
    ).change;
    if (opened === null) throw new Error('nothing was decided');
    await patients.commit(unknown, opened);
    const drive = () =>
      loadDecideCommit(
        patients,
        'p-1',
        (patient) =>
          Promise.resolve(decideAlert(patient, 'a-1', { kind: 'deadline' }, clinic, '2026-03-02T10:30:00.000Z').change),
        () => Promise.resolve(),
      );
    const changes = await Promise.all([drive(), drive()]);
    expect(changes.filter((change) => change !== null)).toHaveLength(1);
    expect((await patients.load('p-1')).alerts[0]).toMatchObject({ step: 2, told: ['s-1', 'l-1'] });
  });
});
