import type { MorningMails } from '../../ports/morning-mails.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import type { MemoryAudit } from './audit.ts';
import { type Faults, withFaults } from './faults.ts';

export function memoryMorningMails(audit: MemoryAudit, faults: Faults): MorningMails {
  const mails = new Map<string, readonly string[]>();
  return {
    carried: (day, staff) => withFaults(faults, 'morningMails.carried', () => mails.get(`${day} ${staff}`) ?? null),
    note: (day, staff, messages, entry, at) =>
      withFaults(faults, 'morningMails.note', () => {
        if (mails.has(`${day} ${staff}`)) return false;
        audit.append(audit.place(systemChainOf(day)), entry, at);
        mails.set(`${day} ${staff}`, messages);
        return true;
      }),
  };
}
