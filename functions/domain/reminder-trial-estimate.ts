import type { Four, TrialTally } from './reminder-trial-tally.ts';

/** Both ends included. Parts, not percent: 0.05 is five points. */
export type Span = readonly [number, number];

/** What a trial says so far. */
export interface TrialEstimate {
  /** Parts of the reminders after which the patient was active; null: none was drawn so. */
  readonly activeSent: number | null;
  readonly activeHeld: number | null;
  /** The first minus the second; null until there is enough to tell. */
  readonly effect: number | null;
  /** 95 %, for one look at an end that was fixed before; null likewise. */
  readonly interval: Span | null;
  /** 95 %, for looks as often as one likes; null likewise. */
  readonly sequence: Span | null;
  readonly verdict: Verdict;
  /** Reminders still to be drawn until `sequence` is as narrow as was asked for, as far as these say; null likewise. */
  readonly stillNeeded: number | null;
}

/**
 * `benefit`, `harm`: the sequence lies above, or below, no effect. `small`: it lies within the smallest effect worth knowing.
 * `cannot-tell`: neither yet.
 */
export type Verdict = 'benefit' | 'harm' | 'small' | 'cannot-tell';

/** Whether a trial has its answer and ends. */
export function isClear(verdict: Verdict): boolean {
  return verdict === 'benefit' || verdict === 'harm';
}

/**
 * What there has to be before anything is told, since the intervals hold for large numbers: patients, and in either arm
 * draws with activity and without. Defaults, checked by simulation and not evidence.
 */
export const fewest = { patients: 40, ofEach: 10 } as const;

/** At how many draws the sequence is narrowest. It holds at any number. A default, not evidence: some months of a small clinic. */
export const narrowestAt = 1000;

/** The smallest effect worth knowing, in parts. A default, not evidence. */
export const smallestEffect = 0.05;

const normal95 = 1.959964;
const error = 0.05;

/**
 * The difference between the parts with activity, weighted by the inverse of the probabilities (Hájek), with a variance that is robust
 * to draws of one patient that hang together (Liang & Zeger 1986), with the factor n / (n - 1) of patients.
 * @param worthKnowing in parts.
 */
export function estimateOf(tally: TrialTally, worthKnowing = smallestEffect): TrialEstimate {
  const [sentWeight, sentActiveWeight, heldWeight, heldActiveWeight] = tally.sums;
  const activeSent = sentWeight > 0 ? sentActiveWeight / sentWeight : null;
  const activeHeld = heldWeight > 0 ? heldActiveWeight / heldWeight : null;
  if (activeSent === null || activeHeld === null || !isEnough(tally))
    return {
      activeSent,
      activeHeld,
      effect: null,
      interval: null,
      sequence: null,
      verdict: 'cannot-tell',
      stillNeeded: null,
    };
  const effect = activeSent - activeHeld;
  const slope: Four = [-activeSent / sentWeight, 1 / sentWeight, activeHeld / heldWeight, -1 / heldWeight];
  const { patients, products } = tally;
  const spread = dot(slope, [
    dot(products[0], slope),
    dot(products[1], slope),
    dot(products[2], slope),
    dot(products[3], slope),
  ]);
  const standardError = Math.sqrt((spread * patients) / (patients - 1));
  const draws = tally.sent + tally.held;
  const half = standardError * sequenceFactor(draws);
  const sequence: Span = [effect - half, effect + half];
  return {
    activeSent,
    activeHeld,
    effect,
    interval: [effect - normal95 * standardError, effect + normal95 * standardError],
    sequence,
    verdict: verdictOf(sequence, worthKnowing),
    stillNeeded: Math.max(0, drawsFor(worthKnowing, standardError * Math.sqrt(draws)) - draws),
  };
}

/**
 * Half the width of the 95 % confidence sequence after so many draws, in standard errors: the boundary of Robbins' normal mixture for
 * asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Annals of Statistics 52, theorem
 * 2.2 and equation 10), the boundary of Howard, Ramdas, McAuliffe & Sekhon 2021 (Annals of Statistics 49, equation 14) with an
 * estimated variance. Over all draws together the true effect leaves it with a probability of 5 %.
 */
export function sequenceFactor(draws: number): number {
  const logs = -2 * Math.log(error);
  const time = (draws / narrowestAt) * (logs + Math.log(logs + 1));
  return Math.sqrt(((time + 1) / time) * Math.log((time + 1) / error ** 2));
}

/** The fewest draws at which half the sequence's width is no larger than `half`. */
function drawsFor(half: number, deviation: number): number {
  const isNarrow = (draws: number) => (deviation / Math.sqrt(draws)) * sequenceFactor(draws) <= half;
  let enough = 1;
  while (!isNarrow(enough)) enough *= 2;
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (isNarrow(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

function isEnough({ patients, sent, sentActive, held, heldActive }: TrialTally): boolean {
  const least = Math.min(sentActive, sent - sentActive, heldActive, held - heldActive);
  return patients >= fewest.patients && least >= fewest.ofEach;
}

function verdictOf([low, high]: Span, worthKnowing: number): Verdict {
  if (low > 0) return 'benefit';
  if (high < 0) return 'harm';
  return low > -worthKnowing && high < worthKnowing ? 'small' : 'cannot-tell';
}

function dot(a: Four, b: Four): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}
