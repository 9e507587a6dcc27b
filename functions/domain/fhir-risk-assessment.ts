import type { Assessment, AssessmentKind, Level } from './risk.ts';

/** A FHIR R4 (4.0.1) RiskAssessment, as far as Tandem fills it in. */
export interface FhirRiskAssessment {
  readonly resourceType: 'RiskAssessment';
  readonly status: 'final';
  readonly method: FhirConcept;
  readonly code: FhirConcept;
  readonly subject: { readonly reference: string };
  readonly occurrenceDateTime: string;
  /** What was looked at, in words: the reasons, without a reference into Tandem. */
  readonly basis?: readonly { readonly display: string }[];
  readonly prediction: readonly [FhirPrediction];
}

interface FhirConcept {
  readonly coding?: readonly { readonly system: string; readonly code: string; readonly display: string }[];
  readonly text: string;
}

interface FhirPrediction {
  readonly outcome: FhirConcept;
  readonly qualitativeRisk: FhirConcept;
  /** Per cent, 0 to 100, as R4 defines it. */
  readonly probabilityDecimal?: number;
  readonly rationale: string;
}

/** What an export needs beside the assessment. */
export interface RiskAssessmentContext {
  /** Opaque, and fit for a FHIR id: 1 to 64 of A-Z, a-z, 0-9, "-" and ".". */
  readonly patient: string;
  /** What the points rest on: RiskRules.basis. */
  readonly basis: string;
  /**
   * Per cent, 0 to 100, where a fitted score has earned one (`claimFaults` finds none); else null: the levels and reasons
   * stand without a probability.
   */
  readonly probabilityPercent: number | null;
}

const outcomes: Readonly<Record<AssessmentKind, string>> = {
  dropout: 'Leaves the programme before its end',
  deterioration: 'Gets worse, or does not get better',
  safety: 'An answer about self-harm that a person has to look at',
};

const likelihoods: Readonly<Record<Level, { readonly code: string; readonly display: string }>> = {
  green: { code: 'low', display: 'Low likelihood' },
  yellow: { code: 'moderate', display: 'Moderate likelihood' },
  red: { code: 'high', display: 'High likelihood' },
};

/**
 * An assessment as a FHIR resource.
 * @throws RangeError where the probability is none, or the patient's id is unfit.
 */
export function fhirRiskAssessment(
  assessment: Assessment,
  { patient, basis, probabilityPercent }: RiskAssessmentContext,
): FhirRiskAssessment {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(patient))
    throw new RangeError(
      'The patient id does not fit into FHIR: pass the opaque id, 1 to 64 of A-Z, a-z, 0-9, "-", "."',
    );
  if (probabilityPercent !== null && !(probabilityPercent >= 0 && probabilityPercent <= 100))
    throw new RangeError('A probability is a percentage in FHIR: pass a number from 0 to 100');
  const { at, kind, score, level, factors, rules } = assessment;
  const reasons = factors.map(({ reason, points }) => `${reason} (points: ${points})`);
  const grounds = kind === 'safety' ? "By the clinic's rules for answers about self-harm." : basis;
  return {
    resourceType: 'RiskAssessment',
    status: 'final',
    method: { text: `Sum of points by the clinic's rules, ${rules}` },
    code: { text: `${kind} risk` },
    subject: { reference: `Patient/${patient}` },
    occurrenceDateTime: at,
    // FHIR knows no empty list.
    ...(reasons.length === 0 ? {} : { basis: reasons.map((display) => ({ display })) }),
    prediction: [
      {
        outcome: { text: outcomes[kind] },
        qualitativeRisk: { ...codingOf(kind, level), text: level },
        ...(probabilityPercent === null ? {} : { probabilityDecimal: probabilityPercent }),
        rationale: `Score ${score}. ${reasons.length === 0 ? 'No reason on the list.' : `${reasons.join('; ')}.`} ${grounds}`,
      },
    ],
  };
}

/** A safety tier says who has to look and how soon; it is no likelihood, so it gets no code for one. */
function codingOf(kind: AssessmentKind, level: Level): Pick<FhirConcept, 'coding'> {
  if (kind === 'safety') return {};
  return {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/risk-probability', ...likelihoods[level] }],
  };
}
