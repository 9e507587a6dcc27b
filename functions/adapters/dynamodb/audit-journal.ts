import type { AuditEntry } from '../../domain/audit-chain.ts';
import type { Instant } from '../../domain/instant.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import { type SystemChainSettings, systemChain } from './system-chain.ts';

/** Records of what concerns no single patient and changes nothing, such as that somebody took an export. */
export interface AuditJournal {
  /** @param id makes it one of many, and decides on which of the system's chains it stands. */
  note(id: string, entry: AuditEntry, at: Instant): Promise<void>;
}

export function dynamoAuditJournal(settings: SystemChainSettings): AuditJournal {
  const onChain = systemChain(settings);
  return {
    async note(id, audit, at) {
      await onChain(systemChainOf(id), async () => ({ at, audit, puts: [] }));
    },
  };
}
