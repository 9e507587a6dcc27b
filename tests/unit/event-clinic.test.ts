import { describe, expect, it } from 'vitest';
import { readEvent } from '../../functions/domain/event.ts';
import { checkAgainstClinic, type KnownNames } from '../../functions/domain/event-clinic.ts';

const clinic = {
  programme: { id: 'depression', modules: [{ id: 'm1' }, { id: 'm2' }] },
  measures: [{ id: 'gad-7' }, { id: 'phq-9' }],
} as unknown as KnownNames;

function check(type: string, data: unknown) {
  const read = readEvent(
    { id: 'e', type, occurredAt: '2026-03-02T09:00:00Z', patient: 'p', data },
    '2026-03-02T09:00:00.000Z',
  );
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return checkAgainstClinic(read.event, clinic);
}

describe('an event against the clinic', () => {
  it('may name what the clinic has', () => {
    expect(check('PatientEnrolled', { programme: 'depression', track: 'self-guided' })).toEqual([]);
    expect(check('ModuleStarted', { module: 'm1' })).toEqual([]);
    expect(check('ModuleCompleted', { module: 'm2' })).toEqual([]);
    expect(check('QuestionnaireSubmitted', { measure: 'phq-9', answers: [] })).toEqual([]);
  });

  it("an unknown programme, module or measure is refused with the clinic's own names", () => {
    expect(check('PatientEnrolled', { programme: 'secret', track: 'self-guided' })).toEqual([
      { path: 'data.programme', message: 'is not a programme of this clinic: write depression' },
    ]);
    for (const type of ['ModuleStarted', 'ModuleCompleted'])
      expect(check(type, { module: 'secret' })).toEqual([
        { path: 'data.module', message: 'is not a module of this clinic: write one of m1, m2' },
      ]);
    expect(check('QuestionnaireSubmitted', { measure: 'secret', answers: [] })).toEqual([
      { path: 'data.measure', message: 'is not a measure of this clinic: write one of gad-7, phq-9' },
    ]);
  });

  it('a FHIR response is not judged here, nor is an event that names nothing of the clinic', () => {
    expect(check('QuestionnaireSubmitted', { fhir: { resourceType: 'QuestionnaireResponse' } })).toEqual([]);
    expect(check('EnrolmentResumed', {})).toEqual([]);
    expect(check('PreferencesChanged', { hour: '03:00' })).toEqual([]);
  });
});
