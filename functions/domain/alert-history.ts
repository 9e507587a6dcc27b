import type { Instant } from './instant.ts';

/** Something that has happened to an alert, in words for whoever is to answer it: they name staff, and say nothing of the patient. */
export interface AlertHappening {
  readonly at: Instant;
  readonly what: string;
  /** Staff id, or "tandem". */
  readonly who: string;
}

/** What has happened to an alert since it was opened. */
export interface AlertHistory {
  /** How much happened before the oldest that is kept here; the audit keeps all of it. */
  readonly earlier: number;
  /** Oldest first. */
  readonly kept: readonly AlertHappening[];
}

export const noHistory: AlertHistory = { earlier: 0, kept: [] };

/**
 * An alert that nobody answers goes on every quarter of an hour, and is written with its patient at each decision: so much is kept
 * that a night fits in, and so little that it stays below a twentieth of the largest item.
 */
const mostKept = 40;
const longestWords = 300;

/** The history with one more; the oldest goes where there are too many. */
export function withHappening({ earlier, kept }: AlertHistory, { what, ...one }: AlertHappening): AlertHistory {
  const words = what.length > longestWords ? `${what.slice(0, longestWords - 1)}…` : what;
  const all = [...kept, { ...one, what: words }];
  return { earlier: earlier + Math.max(0, all.length - mostKept), kept: all.slice(-mostKept) };
}
