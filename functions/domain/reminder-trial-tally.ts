import { toEpoch } from './epoch.ts';
import type { ClinicalEvent } from './event.ts';
import { apply, type FoldRules } from './fold.ts';
import { hours, type Instant } from './instant.ts';
import { unknownState } from './patient.ts';
import type { ReminderRecord, TrialDraw } from './reminder.ts';

/** What counts as an answer to a reminder: any activity within this time (ms) after the draw. */
export const outcomeWithin = 48 * hours;

/**
 * Activities no further apart than this (ms) are one visit. One that had begun before the draw is no answer. The half hour is
 * the usual end of a session in web statistics: a default, not evidence.
 */
export const sameVisitWithin = 0.5 * hours;

/** One draw whose 48 hours are over, and whether the patient was active in them. */
export interface TrialDecision {
  readonly at: Instant;
  readonly arm: TrialDraw['arm'];
  readonly probability: number;
  readonly active: boolean;
}

/** The draws of a trial about one patient that have their outcome at a moment, ascending by time. */
export function trialDecisions(
  trial: string,
  records: readonly ReminderRecord[],
  events: readonly ClinicalEvent[],
  rules: FoldRules,
  now: Instant,
): TrialDecision[] {
  const active = events
    .filter((event) => apply(unknownState, event, rules).activity.last !== null)
    .map(({ occurredAt }) => toEpoch(occurredAt))
    .toSorted((a, b) => a - b);
  return drawsOf(trial, records)
    .filter(({ at }) => toEpoch(at) + outcomeWithin <= toEpoch(now))
    .map(({ at, arm, probability }) => ({ at, arm, probability, active: answers(toEpoch(at), active) }))
    .toSorted((a, b) => toEpoch(a.at) - toEpoch(b.at));
}

/** The draws of a trial, those too that have no outcome yet, as in the records. */
export function drawsOf(trial: string, records: readonly ReminderRecord[]): TrialDraw[] {
  return records.flatMap(({ trial: draw }) => (draw?.name === trial ? [draw] : []));
}

/** @param active moments (ms), ascending. */
function answers(drawn: number, active: readonly number[]): boolean {
  let visit = Number.NEGATIVE_INFINITY;
  for (const moment of active) {
    if (moment > drawn + outcomeWithin) return false;
    const goesOn = moment - visit <= sameVisitWithin;
    if (moment > drawn && !goesOn) return true;
    visit = moment;
  }
  return false;
}

/**
 * What a trial has seen, in numbers that can be added: nothing of any patient is left in them. Each draw weighs one over the
 * probability of its arm. For each patient w and y are the sums of the weights, and of those with activity, in either arm; the
 * products are summed over patients, so that the draws of one patient may hang together in any way.
 */
export interface TrialTally {
  readonly patients: number;
  readonly sent: number;
  readonly sentActive: number;
  readonly held: number;
  readonly heldActive: number;
  readonly sums: Four;
  /** Of the products of the four with each other, row by row. */
  readonly products: readonly [Four, Four, Four, Four];
}

/** Weights sent, weights sent with activity, weights held, weights held with activity. */
export type Four = readonly [number, number, number, number];

const zeros: Four = [0, 0, 0, 0];

export const emptyTally: TrialTally = {
  patients: 0,
  sent: 0,
  sentActive: 0,
  held: 0,
  heldActive: 0,
  sums: zeros,
  products: [zeros, zeros, zeros, zeros],
};

/** Of all of one patient's draws. */
export function tallyOf(decisions: readonly TrialDecision[]): TrialTally {
  if (decisions.length === 0) return emptyTally;
  let [sent, sentActive, held, heldActive] = zeros;
  let [sentWeight, sentActiveWeight, heldWeight, heldActiveWeight] = zeros;
  for (const { arm, probability, active } of decisions) {
    const counted = active ? 1 : 0;
    if (arm === 'send') {
      sent += 1;
      sentActive += counted;
      sentWeight += 1 / probability;
      sentActiveWeight += counted / probability;
    } else {
      held += 1;
      heldActive += counted;
      heldWeight += 1 / (1 - probability);
      heldActiveWeight += counted / (1 - probability);
    }
  }
  const sums: Four = [sentWeight, sentActiveWeight, heldWeight, heldActiveWeight];
  const row = (by: number): Four => [sums[0] * by, sums[1] * by, sums[2] * by, sums[3] * by];
  const products = [row(sums[0]), row(sums[1]), row(sums[2]), row(sums[3])] as const;
  return { patients: 1, sent, sentActive, held, heldActive, sums, products };
}

export function addTallies(a: TrialTally, b: TrialTally): TrialTally {
  return combined(a, b, 1);
}

/** What came to a tally since an earlier one of the same patients. */
export function tallySince(after: TrialTally, before: TrialTally): TrialTally {
  return combined(after, before, -1);
}

function combined(a: TrialTally, b: TrialTally, sign: 1 | -1): TrialTally {
  const four = (x: Four, y: Four): Four => [
    x[0] + sign * y[0],
    x[1] + sign * y[1],
    x[2] + sign * y[2],
    x[3] + sign * y[3],
  ];
  const [first, second, third, fourth] = a.products;
  return {
    patients: a.patients + sign * b.patients,
    sent: a.sent + sign * b.sent,
    sentActive: a.sentActive + sign * b.sentActive,
    held: a.held + sign * b.held,
    heldActive: a.heldActive + sign * b.heldActive,
    sums: four(a.sums, b.sums),
    products: [
      four(first, b.products[0]),
      four(second, b.products[1]),
      four(third, b.products[2]),
      four(fourth, b.products[3]),
    ],
  };
}
