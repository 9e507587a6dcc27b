import type { Instant } from './instant.ts';
import type { AssessmentKind, Level } from './risk.ts';
import type { SafetyTier } from './safety.ts';

/** An answer to a safety item, with the one before it. */
export interface AnswerEvidence {
  readonly basis: 'answer';
  /** The response's key, or the opaque name of a refused message. */
  readonly response: string;
  readonly at: Instant;
  readonly measure: string;
  /** null: never asked before, as far as is known. */
  readonly previous: number | null;
  /** null: answered, but nothing of the answer could be read, so that a person has to ask. */
  readonly answer: number | null;
}

/** An assessment whose level is another one than before. */
export interface AssessmentEvidence {
  readonly basis: 'assessment';
  readonly at: Instant;
  readonly score: number;
  readonly level: Level;
}

export type Evidence = AnswerEvidence | AssessmentEvidence;

/** Something a person has to answer. At most one open alert for each patient and cause. */
export interface Alert {
  /** Opaque: safe to show in an e-mail. */
  readonly id: string;
  readonly cause: AssessmentKind;
  /** How soon: at once, the same day, or on the daily list. */
  readonly tier: Exclude<SafetyTier, 'none'>;
  readonly status: 'open' | 'withdrawn' | 'closed';
  readonly openedAt: Instant;
  /** When it last became more serious; the same as openedAt where it never did. */
  readonly raisedAt: Instant;
  readonly evidence: readonly Evidence[];
  /** Why it ended without a person's answer, in words; null while it is open. */
  readonly ended: string | null;
}

/** What a decision does to a patient's alerts. */
export interface AlertChange {
  /** Those still open afterwards. */
  readonly open: readonly Alert[];
  /** Those this decision opened, raised, added to or ended. */
  readonly changed: readonly Alert[];
}

/** What an audit record says of alerts: ids and states, no evidence. */
export function alertsInAudit(changed: readonly Alert[]) {
  return changed.map(({ id, cause, status, tier }) => ({ id, cause, status, tier }));
}
