import type { AuditJournal } from '../../ports/audit-journal.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import { type SystemChainSettings, systemChain } from './system-chain.ts';

export function dynamoAuditJournal(settings: SystemChainSettings): AuditJournal {
  const onChain = systemChain(settings);
  return {
    async note(id, audit, at) {
      await onChain(systemChainOf(id), async () => ({ at, audit, puts: [] }));
    },
  };
}
