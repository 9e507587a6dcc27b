import { type AlertHistory, noHistory, withHappening } from './alert-history.ts';
import type { Outcome } from './alert-outcome.ts';
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

/** Reminders that stayed without an answer, so that no more are sent. */
export interface RemindersEvidence {
  readonly basis: 'reminders';
  readonly at: Instant;
  /** How many in a row. */
  readonly unanswered: number;
}

export type Evidence = AnswerEvidence | AssessmentEvidence | RemindersEvidence;

/** A message about an alert. It carries the opaque id and nothing that describes anybody. */
export interface AlertMessage {
  /** The same for the same alert, transition, recipient and kind: whoever sends keeps it, so that it goes out once. */
  readonly id: string;
  /** Staff id. */
  readonly to: string;
  /** `told`: somebody else has answered. `operator`: the alert has come to its plan's end, or a message cannot be delivered. */
  readonly kind: 'alert' | 'reminder' | 'raised' | 'told' | 'operator';
  /** What is not urgent travels in the morning list. */
  readonly by: 'email' | 'list';
  readonly alertId: string;
}

/** Something a person has to answer. At most one open alert for each patient and cause. */
export interface Alert {
  /** Opaque: safe to show in an e-mail. */
  readonly id: string;
  readonly cause: AssessmentKind | 'unassigned' | 'unanswered';
  /** How soon: at once, the same day, or on the daily list. */
  readonly tier: Exclude<SafetyTier, 'none'>;
  /** `overdue`: acknowledged, but no outcome came in time. The last three are ends. */
  readonly status: 'open' | 'acknowledged' | 'snoozed' | 'overdue' | 'resolved' | 'withdrawn' | 'closed';
  readonly openedAt: Instant;
  /** When it last became more serious; the same as openedAt where it never did. */
  readonly raisedAt: Instant;
  readonly evidence: readonly Evidence[];
  /** Why it ended, in words; null while it has not. */
  readonly ended: string | null;
  /** What the person who resolved it said; null where nobody did. */
  readonly outcome: Outcome | null;
  /** Rises whenever an answer to what was read before would no longer fit. An answer names the version it answers. */
  readonly version: number;
  /** The step of the escalation plan that was taken last, from 0; null: none so far since it opened or was raised. */
  readonly step: number | null;
  /** When something happens unless somebody answers; null once it has ended. */
  readonly nextActionAt: Instant | null;
  /** Staff whose answer is waited for. */
  readonly asked: readonly string[];
  /** Staff who were ever asked. */
  readonly told: readonly string[];
  /** Staff who have acknowledged it as it stands. */
  readonly acknowledgedBy: readonly string[];
  /** Whether an e-mail about it as it stands has gone out to anybody but the operators. */
  readonly mailed: boolean;
  /** What is to be sent and is not known to have been. Empty once the alert has ended. */
  readonly outbox: readonly AlertMessage[];
  /** What has happened to it since it was opened, up to and with its end. */
  readonly history: AlertHistory;
}

/** Whether nobody has to answer it any more. */
export function hasEnded({ status }: Alert): boolean {
  return status === 'resolved' || status === 'withdrawn' || status === 'closed';
}

/** A new alert. Its first step is due at once: what the plan says of it is looked up when the step is taken. */
export function newAlert(
  { id, cause, tier, evidence }: Pick<Alert, 'id' | 'cause' | 'tier' | 'evidence'>,
  now: Instant,
): Alert {
  return {
    id,
    cause,
    tier,
    status: 'open',
    openedAt: now,
    raisedAt: now,
    evidence,
    ended: null,
    outcome: null,
    version: 1,
    step: null,
    nextActionAt: now,
    asked: [],
    told: [],
    acknowledgedBy: [],
    mailed: false,
    outbox: [],
    history: noHistory,
  };
}

/** The same cause again, no more serious than before: whoever answers has to have read it, but nobody is told. */
export function withEvidence(alert: Alert, evidence: readonly Evidence[]): Alert {
  return { ...alert, version: alert.version + 1, evidence: [...alert.evidence, ...evidence] };
}

/** The same cause, more serious: whatever was answered, it starts anew. */
export function raisedAlert(alert: Alert, tier: Alert['tier'], evidence: readonly Evidence[], now: Instant): Alert {
  return {
    ...withEvidence(alert, evidence),
    tier,
    status: 'open',
    raisedAt: now,
    step: null,
    nextActionAt: now,
    asked: [],
    acknowledgedBy: [],
    mailed: false,
    history: withHappening(alert.history, { at: now, what: 'became more serious', who: 'tandem' }),
  };
}

/** The end of an alert: nothing about it is sent any more. */
export function endedAlert(alert: Alert, status: 'resolved' | 'withdrawn' | 'closed', why: string): Alert {
  return { ...alert, status, ended: why, version: alert.version + 1, nextActionAt: null, asked: [], outbox: [] };
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
