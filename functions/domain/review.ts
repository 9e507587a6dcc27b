import { canonicalText } from './canonical.ts';
import type { Clinic } from './clinic.ts';
import { fromEpoch } from './epoch.ts';
import type { Instant } from './instant.ts';
import type { PatientState } from './patient.ts';
import type { ReminderRecord } from './reminder.ts';
import { type Assessment, type AssessmentKind, assess, earliest, type Level, type NotScored } from './risk.ts';
import { unansweredFrom } from './risk-factors.ts';
import { unassignedReviewAt } from './unassigned.ts';

/** A level that is another one than before. */
export interface LevelChange {
  readonly kind: AssessmentKind;
  /** What stood before; null: nothing did. */
  readonly before: Assessment | null;
  /** What stands now; null: nothing does, `why` says why. */
  readonly after: Assessment | null;
  readonly from: Level;
  readonly to: Level;
  readonly why: NotScored | null;
}

/** What a scan finds out about one patient. */
export interface Review {
  /** What stands from now on: one for each kind. An assessment that says the same as before stays as it was. */
  readonly standing: readonly Assessment[];
  /** Those of them that say something new: to be stored. */
  readonly changed: readonly Assessment[];
  readonly levels: readonly LevelChange[];
  readonly notScored: NotScored | null;
  /** When to look again if no event comes; null: never. */
  readonly reviewAt: Instant | null;
}

/**
 * One patient of a scan. Reviewing only who is due gives what reviewing everyone would have given, as long as a patient is
 * due once `reviewAt` has come, after every event, after every change of a reminder (`reviewAfterReminders`) and after every
 * change of the rules.
 * @param standing what the last review left standing.
 */
export function review(
  state: PatientState,
  standing: readonly Assessment[],
  clinic: Clinic,
  now: Instant,
  reminders: readonly ReminderRecord[] = [],
): Review {
  const outcome = assess(state, clinic, now, reminders);
  const next = outcome.assessments.map((assessment) => {
    const before = standing.find(({ kind }) => kind === assessment.kind);
    return before !== undefined && saysTheSame(before, assessment) ? before : assessment;
  });
  return {
    standing: next,
    changed: next.filter((assessment) => !standing.includes(assessment)),
    levels: kinds.flatMap((kind) => levelChange(kind, standing, next, outcome.notScored)),
    notScored: outcome.notScored,
    reviewAt: earliest(outcome.reviewAt, unassignedReviewAt(state, now)),
  };
}

/**
 * When to look again after reminders have been sent, or have come to nothing: once they would count as unanswered, at once where
 * they might have by now, or as before where that is sooner.
 */
export function reviewAfterReminders(
  reviewAt: Instant | null,
  changed: readonly Pick<ReminderRecord, 'dueAt'>[],
  now: Instant,
): Instant | null {
  let next = reviewAt;
  for (const reminder of changed) {
    const unanswered = fromEpoch(unansweredFrom(reminder));
    const look = unanswered > now ? unanswered : now;
    if (next === null || look < next) next = look;
  }
  return next;
}

/** Whether a patient is to be reviewed now. */
export function isDue(reviewAt: Instant | null, now: Instant): boolean {
  return reviewAt !== null && reviewAt <= now;
}

/** Everything an assessment says, without when it was made and when it is looked at again. */
export function contentOf(assessment: Assessment): Omit<Assessment, 'at' | 'reviewAt'> {
  const { kind, score, level, factors, rules } = assessment;
  return { kind, score, level, factors, rules };
}

const kinds: readonly AssessmentKind[] = ['dropout', 'deterioration', 'safety'];

function saysTheSame(a: Assessment, b: Assessment): boolean {
  return canonicalText(contentOf(a)) === canonicalText(contentOf(b));
}

/** Not assessed counts as green: it is a change only where something stood that a person was to look at. */
function levelChange(
  kind: AssessmentKind,
  standing: readonly Assessment[],
  next: readonly Assessment[],
  notScored: NotScored | null,
): LevelChange[] {
  const before = standing.find((one) => one.kind === kind) ?? null;
  const after = next.find((one) => one.kind === kind) ?? null;
  const from = before?.level ?? 'green';
  const to = after?.level ?? 'green';
  return from === to ? [] : [{ kind, before, after, from, to, why: after === null ? notScored : null }];
}
