import type { AuditEntry } from '../domain/audit-chain.ts';
import type { StaffId } from '../domain/escalation-plan.ts';
import type { Instant } from '../domain/instant.ts';

/** Which morning lists have gone out: one a day for each person. */
export interface MorningMails {
  /** Ids of the messages that this person's list of a local day carried; null: none has gone out. Strongly consistent. */
  carried(day: string, staff: StaffId): Promise<readonly string[] | null>;
  /** Notes once that the list went out, in one transaction with its audit record. @returns false where it was noted before. */
  note(day: string, staff: StaffId, messages: readonly string[], audit: AuditEntry, at: Instant): Promise<boolean>;
}
