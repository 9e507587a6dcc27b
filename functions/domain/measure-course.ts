import { toEpoch } from './epoch.ts';
import { days } from './instant.ts';
import { dayAt, type LocalDay } from './local-day.ts';
import { improvement, isCase, type Measure, totalRange } from './measure.ts';
import type { PatientState } from './patient.ts';

/** A questionnaire answered before the enrolment counts for the course when it is not older than this: the screening. */
const longestScreening = 28 * days;

/** How one patient has answered one measure since their enrolment. */
export interface MeasureCourse {
  /** The due days after the one that the newest response belongs to, readable or not. */
  readonly unanswered: readonly number[];
  /** The due days after the one that the newest response with a total belongs to. */
  readonly unscored: readonly number[];
  /** Moment (ms) and total of the newest response with a total. */
  readonly latest: { readonly at: number; readonly total: number } | null;
  /** The newest total, where it reaches caseness. */
  readonly caseTotal: number | null;
  /** Points by which the newest total is worse than the first, where the change is reliable. */
  readonly worseThanStart: number | null;
  /** The same against the best total so far. */
  readonly worseThanBest: number | null;
  /**
   * Part of the first total's distress that is gone, in whole per cent, rounded down; 0 where nothing is gone. Null
   * where there is nothing to lose: the first total was no case, or there is no second one.
   */
  readonly fall: number | null;
}

/** What is known of a measure the clinic does not have: nothing. */
export const emptyCourse: MeasureCourse = {
  unanswered: [],
  unscored: [],
  latest: null,
  caseTotal: null,
  worseThanStart: null,
  worseThanBest: null,
  fall: null,
};

/**
 * @param dueDays days after the enrolment on which the plan asks for the measure, ascending.
 * @param enrolled moment (ms) and local day of the enrolment.
 */
export function courseOf(
  measure: Measure,
  dueDays: readonly number[],
  state: PatientState,
  enrolled: { readonly at: number; readonly on: LocalDay },
  timeZone: string,
): MeasureCourse {
  let answeredAt: number | null = null;
  let latest: MeasureCourse['latest'] = null;
  let first: number | null = null;
  let best = 0;
  let count = 0;
  for (const response of state.responses) {
    const { reading } = response;
    if (reading.measure !== measure.id || (reading.outcome === 'refused' && reading.kind === 'withdrawn')) continue;
    const at = toEpoch(response.at);
    if (at < enrolled.at - longestScreening) continue;
    answeredAt = at;
    if (reading.outcome === 'refused') continue;
    latest = { at, total: reading.total };
    best = first === null || improvement(measure, best, reading.total) > 0 ? reading.total : best;
    first ??= reading.total;
    count++;
  }
  const dueAfter = (moment: number | null) =>
    moment === null ? dueDays : dueDaysAfter(dayAt(moment, timeZone) - enrolled.on, dueDays);
  const unanswered = dueAfter(answeredAt);
  if (latest === null || first === null) return { ...emptyCourse, unanswered, unscored: dueDays };
  return {
    unanswered,
    unscored: dueAfter(latest.at),
    latest,
    caseTotal: isCase(measure, latest.total) === true ? latest.total : null,
    worseThanStart: reliablyWorse(measure, first, latest.total),
    worseThanBest: reliablyWorse(measure, best, latest.total),
    fall: count < 2 ? null : fallInPercent(measure, first, latest.total),
  };
}

/**
 * The due days after the one a response belongs to: the one nearest to it, the earlier where two are, so that late for one
 * week is not early for the next.
 */
function dueDaysAfter(day: number, dueDays: readonly number[]): readonly number[] {
  return dueDays.filter((due, index) => {
    const before = dueDays[index - 1];
    return before !== undefined && 2 * day <= before + due;
  });
}

function reliablyWorse(measure: Measure, from: number, to: number): number | null {
  const points = -improvement(measure, from, to);
  return measure.reliableChange !== null && points >= measure.reliableChange.points ? points : null;
}

function fallInPercent(measure: Measure, first: number, latest: number): number | null {
  const { min, max } = totalRange(measure);
  const distress = measure.direction === 'higher-is-worse' ? first - min : max - first;
  if (distress === 0 || isCase(measure, first) === false) return null;
  return Math.max(0, Math.floor((100 * improvement(measure, first, latest)) / distress));
}
