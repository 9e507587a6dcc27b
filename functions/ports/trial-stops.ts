import type { AuditEntry } from '../domain/audit-chain.ts';
import type { Instant } from '../domain/instant.ts';
import type { Verdict } from '../domain/reminder-trial-estimate.ts';

/** That a trial has ended by itself, and why. */
export interface TrialStop {
  readonly at: Instant;
  readonly verdict: Verdict;
}

/** Which trials of reminders have ended by themselves. A stop is never taken back: other settings are another trial. */
export interface TrialStops {
  /** Null: it has not ended. */
  stopOf(trial: string): Promise<TrialStop | null>;
  /** Notes the end once, in one transaction with its audit record. @returns false where it had ended before. */
  stop(trial: string, stop: TrialStop, audit: AuditEntry): Promise<boolean>;
}
