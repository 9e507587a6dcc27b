import { describe, expect, it } from 'vitest';
import { fhirRiskAssessment } from '../../functions/domain/fhir-risk-assessment.ts';
import { assess } from '../../functions/domain/risk.ts';
import { exampleClinic } from '../example-clinic.ts';
import { active, enrolled, onDay, riskRules, scored, stateOf } from '../risk-patients.ts';

const context = { patient: 'p-abc234', basis: riskRules.basis, probabilityPercent: null };
const dropout = scored('dropout', active(1), 20);

describe('an assessment as a FHIR R4 RiskAssessment', () => {
  it('carries the level, every reason with its points, the moment and the rules, and no probability', () => {
    const resource = fhirRiskAssessment(dropout, context);
    expect(resource).toEqual({
      resourceType: 'RiskAssessment',
      status: 'final',
      method: { text: `Sum of points by the clinic's rules, ${exampleClinic.hash}` },
      code: { text: 'dropout risk' },
      subject: { reference: 'Patient/p-abc234' },
      occurrenceDateTime: onDay(20),
      basis: dropout.factors.map(({ reason, points }) => ({ display: `${reason} (points: ${points})` })),
      prediction: [
        {
          outcome: { text: 'Leaves the programme before its end' },
          qualitativeRisk: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/risk-probability',
                code: 'high',
                display: 'High likelihood',
              },
            ],
            text: 'red',
          },
          rationale: expect.stringMatching(/^Score \d+\. No activity for 14 to 20 days \(points: 5\); .*not fitted/),
        },
      ],
    });
  });

  it('has no empty list where there is no reason', () => {
    const green = scored('dropout', [], 0);
    const { basis, prediction } = fhirRiskAssessment(green, context);
    expect(basis).toBeUndefined();
    expect(prediction[0].rationale).toContain('Score 0. No reason on the list.');
  });

  it('gives a safety tier no code for a likelihood, and other grounds than points', () => {
    const answers = [3, 3, 3, 3, 3, 3, 3, 3, 3];
    const state = stateOf([...enrolled, [1, 'QuestionnaireSubmitted', { measure: 'phq-9', answers }]]);
    const safety = assess(state, exampleClinic, onDay(2)).assessments[2];
    if (safety === undefined) throw new Error('no safety assessment');
    const [{ qualitativeRisk, rationale }] = fhirRiskAssessment(safety, context).prediction;
    expect(qualitativeRisk).toEqual({ text: 'red' });
    expect(rationale).toContain("By the clinic's rules for answers about self-harm.");
    expect(rationale).not.toContain(riskRules.basis);
  });

  it('writes a probability, where one has been earned, in per cent', () => {
    for (const percent of [0, 37.5, 100])
      expect(
        fhirRiskAssessment(dropout, { ...context, probabilityPercent: percent }).prediction[0].probabilityDecimal,
      ).toBe(percent);
    for (const percent of [-1, 100.1, Number.NaN])
      expect(() => fhirRiskAssessment(dropout, { ...context, probabilityPercent: percent })).toThrow('from 0 to 100');
  });

  it('refuses an id that does not fit, without repeating it', () => {
    expect(() => fhirRiskAssessment(dropout, { ...context, patient: 'Jane Doe' })).toThrow(/^(?!.*Jane)/);
  });
});
