import { stringify } from 'yaml';
import { scorecardOf } from '../../functions/domain/evaluation-course.ts';
import { type RiskRules, riskRulesSchema } from '../../functions/domain/risk-rules.ts';
import { intervalInWords, percent } from './figures-in-words.ts';
import type { Fit } from './fit.ts';

/** Where a fit comes from. */
export interface Origin {
  /** The day of the fit, such as 2026-03-02. */
  readonly date: string;
  /** "sha256:…" of the events. */
  readonly data: string;
  readonly simulated: boolean;
  /** Why no claim can be made; none: one can. */
  readonly claimFaults: readonly string[];
}

/**
 * The section `risk:` of a rules.yaml, with where it comes from as comments. It is a proposal: the clinical lead puts it into
 * the clinic's folder, or not.
 */
export function rulesSection(fit: Fit, risk: RiskRules, origin: Origin): string {
  const kind = scorecardOf[fit.target];
  const of = origin.simulated ? 'simulated patients' : 'patients';
  const { crossValidated: cv } = fit;
  const basis =
    `The ${kind} points were fitted on ${origin.date} to ${cv.patients} ${of} of this clinic (${dataMark(origin.data)}); ` +
    `the other points are defaults, not fitted.`;
  const fitted = {
    on: origin.date,
    data: origin.data,
    outcome: fit.target,
    week: fit.week,
    patients: cv.patients,
    events: cv.events,
    simulated: origin.simulated,
    sensitivity: threePlaces(cv.sensitivity),
    specificity: threePlaces(cv.specificity),
    balancedAccuracy: threePlaces(cv.balancedAccuracy),
  };
  const section = riskRulesSchema.parse({ ...risk, basis, [kind]: { fitted, ...fit.scorecard } });
  const comments = [
    `Points of the ${kind} scorecard, fitted by "tandem evaluate --fit". NOT SWITCHED ON: nothing reads this file.`,
    'To use it, let the clinical lead read it, put it in place of the section "risk" of clinic/rules.yaml, run npx tandem check.',
    ...(origin.simulated ? ['SIMULATED PATIENTS: a try-out. Never use these points for real ones.'] : []),
    '',
    `Date: ${origin.date}`,
    `Data: ${origin.data}`,
    `Outcome: ${fit.target}, told at the end of week ${fit.week}; ${cv.patients} ${of}, ${cv.events} with the outcome`,
    `Method: logistic regression with a ridge of ${fit.ridge} (chosen by cross-validation), rounded to whole points of at most ${fit.scale}`,
    'Cross-validated, five-fold, the whole procedure, each patient scored by points learned without them:',
    `  balanced accuracy ${percent(cv.balancedAccuracy)} (95 % interval ${intervalInWords(cv.balancedAccuracy95, percent)})`,
    `  sensitivity ${percent(cv.sensitivity)}, specificity ${percent(cv.specificity)}, right among the red ${percent(cv.ppv)}, AUC ${cv.auc.toFixed(3)}`,
    ...(origin.claimFaults.length === 0
      ? []
      : [`No claim of accuracy can be made, and no probability is shown: ${origin.claimFaults.join('; ')}.`]),
    ...(fit.leftOut.length === 0
      ? []
      : [`Left out, since they told nothing in this history: ${fit.leftOut.join(', ')}`]),
    'Red is whoever is at more than the average risk; change the levels to fit the budget of therapist time.',
  ];
  const yaml = stringify({ risk: section }, { lineWidth: 110 });
  return `${comments.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')}\n${yaml}`;
}

/** How a basis names the data: enough to tell it by. */
function dataMark(data: string): string {
  return data.slice(0, 'sha256:'.length + 16);
}

function threePlaces(share: number | null): number {
  return Number((share ?? 0).toFixed(3));
}
