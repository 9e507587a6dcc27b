import {
  estimateOf,
  fewest,
  type Span,
  type TrialEstimate,
  type Verdict,
} from '../../functions/domain/reminder-trial-estimate.ts';
import { emptyTally } from '../../functions/domain/reminder-trial-tally.ts';
import type { TrialStop } from '../../functions/ports/trial-stops.ts';
import { percent } from '../evaluate/figures-in-words.ts';
import { table } from '../table.ts';
import type { Gathered } from './gather.ts';

/**
 * How a trial stands: `rehearsed`, nothing was ever held back; `running` as the clinic's folder says; `other`, of settings that the
 * folder has no longer.
 */
export type Standing = 'rehearsed' | 'running' | 'other';

/** One trial with what it says so far. */
export interface TrialReport extends TrialEstimate {
  readonly trial: string;
  readonly standing: Standing;
  readonly probability: number;
  readonly patients: number;
  readonly sent: number;
  readonly held: number;
  /** Drawn less than 48 hours ago. */
  readonly waiting: number;
  /** Draws in an average week; null: there was none. */
  readonly perWeek: number | null;
  /** In parts. */
  readonly worthKnowing: number;
  /** When it ended by itself; null: it has not. */
  readonly stopped: TrialStop | null;
  readonly weeks: readonly WeekSaid[];
}

export interface WeekSaid {
  readonly until: string;
  readonly draws: number;
  readonly effect: number | null;
  readonly sequence: Span | null;
}

export function reportOf(
  { name, probability, weeks }: Gathered,
  { standing, stopped, worthKnowing }: Pick<TrialReport, 'standing' | 'stopped' | 'worthKnowing'>,
): TrialReport {
  const looks = weeks.looks();
  const { patients, sent, held, ...tally } = looks.at(-1)?.tally ?? emptyTally;
  return {
    trial: name,
    standing,
    probability,
    patients,
    sent,
    held,
    waiting: weeks.waiting,
    perWeek: looks.length === 0 ? null : (sent + held) / looks.length,
    worthKnowing,
    stopped,
    ...estimateOf({ patients, sent, held, ...tally }, worthKnowing),
    weeks: looks.map((look) => {
      const { effect, sequence } = estimateOf(look.tally, worthKnowing);
      return { until: look.until, draws: look.tally.sent + look.tally.held, effect, sequence };
    }),
  };
}

/** For a person to read. */
export function reportInWords(one: TrialReport): string {
  const { trial, probability, sent, held, activeSent, activeHeld, patients, waiting } = one;
  return [
    `Trial ${trial}: a reminder is sent with a probability of ${percent(probability)}, else held back.`,
    standings[one.standing],
    ...(one.stopped === null ? [] : [`It ended by itself at ${one.stopped.at}: ${one.stopped.verdict} was clear.`]),
    '',
    table(
      ['', 'reminders', 'patient active within 48 hours'],
      [
        ['sent', String(sent), percent(activeSent)],
        ['held back', String(held), percent(activeHeld)],
      ],
    ),
    '',
    `${patients} patients.${waiting === 0 ? '' : ` ${waiting} more draws wait for their 48 hours to pass.`}`,
    ...effectInWords(one),
    '',
    'Activity within 48 hours is not yet a module completed, or a patient who is better. 95 % and the smallest effect worth knowing',
    'are defaults, not evidence. What is compared, and what it rests on: docs/trial.md',
  ].join('\n');
}

const standings: Readonly<Record<Standing, string>> = {
  rehearsed:
    'REHEARSED on a file: nothing was held back by these draws, so no effect can show. It says what a trial could tell here, and when.',
  running: "It has the settings of the clinic's folder.",
  other: "Of other settings than the clinic's folder has.",
};

function effectInWords(one: TrialReport): string[] {
  const { effect, interval, sequence, stillNeeded } = one;
  if (effect === null || interval === null || sequence === null || stillNeeded === null)
    return [
      `CANNOT TELL: too little has been seen. It takes ${fewest.patients} patients and, both of sent and of held back, ${fewest.ofEach}`,
      'reminders with activity and as many without.',
    ];
  return [
    `Sending a reminder changes how many are active by ${points(effect)} points.`,
    `  95 % interval, for one look at an end fixed before:  ${points(interval[0])} to ${points(interval[1])}`,
    `  95 % sequence, for looks as often as you like:       ${points(sequence[0])} to ${points(sequence[1])}`,
    verdictInWords(one.verdict, one.worthKnowing, one.standing),
    ...(one.verdict === 'cannot-tell' ? neededInWords(one, stillNeeded) : []),
  ];
}

function verdictInWords(verdict: Verdict, worthKnowing: number, standing: Standing): string {
  const size = (100 * worthKnowing).toFixed(0);
  if (standing === 'rehearsed' && verdict !== 'cannot-tell')
    return verdict === 'small'
      ? `THERE IS NO EFFECT to be seen, as there must not be. So many draws are enough to tell ${size} points.`
      : 'AN EFFECT WITHOUT A CAUSE: in a file it comes by chance, in 5 % of rehearsals at most. Tell whoever looks after Tandem.';
  switch (verdict) {
    case 'benefit':
      return 'BENEFIT IS CLEAR: more patients are active after a reminder. A deployed trial ends by itself, and everything is sent again.';
    case 'harm':
      return 'HARM IS CLEAR: fewer patients are active after a reminder. A deployed trial ends by itself, and everything is sent as\nprogramme.yaml says: decide whether it should say less.';
    case 'small':
      return `WHATEVER IT IS, IT IS SMALL: less than ${size} points, one way or the other.`;
    case 'cannot-tell':
      return 'CANNOT TELL YET.';
  }
}

function neededInWords({ worthKnowing, perWeek, sent, held }: TrialReport, stillNeeded: number): string[] {
  const size = (100 * worthKnowing).toFixed(0);
  if (stillNeeded === 0)
    return [`There are enough draws to tell ${size} points; what there is lies near to that, or near to nothing.`];
  const weeks = perWeek === null ? null : Math.ceil(stillNeeded / perWeek);
  const pace = weeks === null ? '' : `, ${weeks} weeks as things go`;
  return [
    `About ${stillNeeded} more draws (of ${sent + held + stillNeeded}) would tell ${size} points from nothing${pace}.`,
  ];
}

/** "+4.9", "-0.3". */
export function points(part: number): string {
  const text = (100 * part).toFixed(1);
  return part < 0 ? text : `+${text}`;
}
