import {
  type Evaluation,
  minutesPerRedWeek,
  type Threshold,
  thresholdWithin,
} from '../../functions/domain/evaluation.ts';
import { fewestPatients, leastBalancedAccuracy } from '../../functions/domain/evaluation-claim.ts';
import { table } from '../table.ts';
import { intervalInWords, percent, threePlaces } from './figures-in-words.ts';

/** An evaluation with what may be said on its strength. */
export interface Judged extends Evaluation {
  /** Why no claim can be made; none: one can. */
  readonly claimFaults: readonly string[];
}

export interface About {
  readonly patients: number;
  readonly simulated: boolean;
  /** "sha256:…" of the events. */
  readonly data: string;
  readonly rules: string;
  /** Minutes of therapist time for 100 patients and week; null: none was given. */
  readonly budget: number | null;
}

const questions = {
  dropout: 'Who drops out',
  'no-response': 'Who does not respond: half or more of the distress still there at the end',
  deterioration: 'Who is reliably worse at the end',
} as const;

const notKnown = {
  dropout: 'the programme is not over yet, or ended for another reason',
  'no-response': 'no total in the last two weeks of the plan, or no case at the start',
  deterioration: 'no total in the last two weeks of the plan',
} as const;

/** The evaluation for a person to read. */
export function report(evaluations: readonly Judged[], about: About): string {
  const { patients, simulated, data, rules } = about;
  return [
    simulated ? `SIMULATED: ${patients} patients, none of whom exists.` : `${patients} patients.`,
    `Events ${data}`,
    `Rules  ${rules}`,
    '',
    ...evaluations.flatMap((one) => reportOne(one, about)),
  ].join('\n');
}

function reportOne(one: Judged, { budget }: About): string[] {
  const { atWeek } = one;
  return [
    `── ${questions[one.target]} (${one.scorecard} score, red from ${one.red}) ──`,
    `Outcome not known (${notKnown[one.target]}): ${one.unknown} patients, left out.`,
    '',
    ...claim(one),
    '',
    'By the end of each week of the programme:',
    table(
      ['week', 'patients', 'events', 'red', 'sensitivity', 'specificity', 'right', 'balanced (95 %)', 'AUC (95 %)'],
      one.weeks.map((week) => [
        String(week.week),
        String(week.patients),
        String(week.events),
        String(week.flagged),
        percent(week.sensitivity),
        percent(week.specificity),
        percent(week.ppv),
        `${percent(week.balancedAccuracy)} (${intervalInWords(week.balancedAccuracy95, percent)})`,
        `${threePlaces(week.auc)} (${intervalInWords(week.auc95, threePlaces)})`,
      ]),
    ),
    'right: of those red, how many came to the outcome.',
    '',
    `What red from each score on costs (${minutesPerRedWeek} minutes for each red patient and week) and finds, week ${one.week}:`,
    table(
      ['red from', 'minutes a week for 100 patients', 'red', 'finds', 'right', 'balanced'],
      one.thresholds.map((row) => thresholdRow(row, one.red)),
    ),
    ...budgetLines(one, budget),
    '',
    `How many came to the outcome, by score, week ${one.week}:`,
    table(
      ['score', 'patients', 'events', 'share (95 %)'],
      one.calibration.map(({ from, to, patients, events, observed, observed95 }) => [
        from === to ? String(from) : `${from} to ${to}`,
        String(patients),
        String(events),
        `${percent(observed)} (${intervalInWords(observed95, percent)})`,
      ]),
    ),
    '',
    ...subgroups(one),
    ...(atWeek.patients === 0 ? [`Nobody was scored in week ${one.week} whose outcome is known.`, ''] : []),
  ];
}

function claim({ claimFaults, week, atWeek }: Judged): string[] {
  const reached = `Week ${week}: balanced accuracy ${percent(atWeek.balancedAccuracy)} (95 % interval ${intervalInWords(atWeek.balancedAccuracy95, percent)}), ${atWeek.patients} patients, ${atWeek.events} events.`;
  if (claimFaults.length === 0)
    return [reached, `The bar is reached: ${fewestPatients} patients and ${percent(leastBalancedAccuracy)} or more.`];
  return [reached, `NO CLAIM can be made, and the product shows no probability: ${claimFaults.join('; ')}.`];
}

function thresholdRow(row: Threshold, red: number): string[] {
  return [
    `${row.threshold}${row.threshold === red ? '  (the rules)' : ''}`,
    row.minutesPer100.toFixed(0),
    String(row.flagged),
    percent(row.sensitivity),
    percent(row.ppv),
    percent(row.balancedAccuracy),
  ];
}

function budgetLines({ thresholds }: Judged, budget: number | null): string[] {
  if (budget === null) return [];
  const within = thresholdWithin(thresholds, budget);
  return within === null
    ? [`A budget of ${budget} minutes pays for none of these: only a red above every score seen costs less.`]
    : [`A budget of ${budget} minutes pays for red from ${within} on.`];
}

function subgroups(one: Judged): string[] {
  if (one.subgroups.length === 0) return [];
  return [
    `By subgroup, week ${one.week}:`,
    table(
      ['by', 'group', 'patients', 'events', 'balanced (95 %)', 'AUC (95 %)'],
      one.subgroups.map(({ by, group, patients, figures }) =>
        figures === null
          ? [by, group, String(patients), '', 'too few to say', '']
          : [
              by,
              group,
              String(patients),
              String(figures.events),
              `${percent(figures.balancedAccuracy)} (${intervalInWords(figures.balancedAccuracy95, percent)})`,
              `${threePlaces(figures.auc)} (${intervalInWords(figures.auc95, threePlaces)})`,
            ],
      ),
    ),
    'Age, sex and origin stand in no event: fairness by these cannot be looked at here.',
    '',
  ];
}
