import type { AuditEntry } from '../domain/audit-chain.ts';
import type { Instant } from '../domain/instant.ts';

/** Records of what concerns no single patient and changes nothing, such as that somebody took an export. */
export interface AuditJournal {
  /** @param id makes it one of many, and decides on which of the system's chains it stands. */
  note(id: string, entry: AuditEntry, at: Instant): Promise<void>;
}
