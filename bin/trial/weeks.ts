import { toEpoch } from '../../functions/domain/epoch.ts';
import { days, type Instant, instantAt } from '../../functions/domain/instant.ts';
import {
  addTallies,
  emptyTally,
  type TrialDecision,
  type TrialTally,
  tallyOf,
  tallySince,
} from '../../functions/domain/reminder-trial-tally.ts';

/** What a trial had seen by the end of a week. */
export interface Look {
  readonly until: Instant;
  readonly tally: TrialTally;
}

const week = 7 * days;

/** A trial as it grew. Of each patient only numbers are kept that add to the others', so that it does not grow with them. */
export class TrialWeeks {
  /** What each week added, by its number since 1970. */
  readonly #added = new Map<number, TrialTally>();
  /** Draws whose 48 hours are not over. */
  #waiting = 0;

  /** @param decisions all of one patient's, ascending. */
  add(decisions: readonly TrialDecision[], waiting = 0): void {
    this.#waiting += waiting;
    let before = emptyTally;
    for (const [number, upTo] of lastOfEachWeek(decisions)) {
      const after = tallyOf(decisions.slice(0, upTo));
      this.#added.set(number, addTallies(this.#added.get(number) ?? emptyTally, tallySince(after, before)));
      before = after;
    }
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** The end of each week with a draw, first to last; the last one is the whole trial. */
  looks(): Look[] {
    let sum = emptyTally;
    return [...this.#added]
      .toSorted(([a], [b]) => a - b)
      .map(([number, added]) => {
        sum = addTallies(sum, added);
        return { until: instantAt((number + 1) * week), tally: sum };
      });
  }
}

function lastOfEachWeek(decisions: readonly TrialDecision[]): Map<number, number> {
  return new Map(decisions.map(({ at }, index) => [Math.floor(toEpoch(at) / week), index + 1]));
}
