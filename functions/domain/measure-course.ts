import { toEpoch } from './epoch.ts';
import { days, type Instant } from './instant.ts';
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
  // Responses are in the order of answering: after the first that counts, all do.
  let counts = false;
  let answered: Instant | null = null;
  let latest: { at: Instant; total: number } | null = null;
  let first: number | null = null;
  let best = 0;
  let count = 0;
  for (const response of state.responses) {
    const { reading } = response;
    if (reading.measure !== measure.id || (reading.outcome === 'refused' && reading.kind === 'withdrawn')) continue;
    if (!counts && toEpoch(response.at) < enrolled.at - longestScreening) continue;
    counts = true;
    answered = response.at;
    if (reading.outcome === 'refused') continue;
    latest = { at: response.at, total: reading.total };
    best = first === null || improvement(measure, best, reading.total) > 0 ? reading.total : best;
    first ??= reading.total;
    count++;
  }
  if (answered === null) return { ...emptyCourse, unanswered: dueDays, unscored: dueDays };
  const dueAfter = (moment: number) => dueDaysAfter(dayAt(moment, timeZone) - enrolled.on, dueDays);
  const unanswered = dueAfter(toEpoch(answered));
  if (latest === null || first === null) return { ...emptyCourse, unanswered, unscored: dueDays };
  const latestAt = toEpoch(latest.at);
  return {
    unanswered,
    unscored: latest.at === answered ? unanswered : dueAfter(latestAt),
    latest: { at: latestAt, total: latest.total },
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
