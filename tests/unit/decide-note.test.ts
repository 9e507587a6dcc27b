import { describe, expect, it } from 'vitest';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { decideNote } from '../../functions/domain/decide-note.ts';
import { unknownPatient } from '../../functions/domain/patient.ts';
import { auditRecord } from '../audit-records.ts';
import { exampleClinic as clinic } from '../example-clinic.ts';

const now = '2026-03-02T15:00:00.000Z';

describe('a note in a patient’s chain', () => {
  it('changes nothing of the patient, not even the rules under which the state was folded', () => {
    const { rules: _rules, ...entry } = auditRecord();
    const patient = { ...unknownPatient('p-a', genesis('p-a')), version: 3, foldedUnder: 'sha256:old' };
    const change = decideNote(patient, entry, clinic, now);
    expect(change).toMatchObject({ at: now, patient, foldedUnder: 'sha256:old', changedAlerts: [], event: null });
    expect(change.audit).toEqual({ ...entry, rules: clinic.hash });
    expect(decideNote({ ...patient, foldedUnder: null }, entry, clinic, now).foldedUnder).toBe(clinic.hash);
  });
});
