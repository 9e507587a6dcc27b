import { days } from '../../domain/instant.ts';
import type { MorningMails } from '../../ports/morning-mails.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import { expiry, fromTexts, texts } from './stored-item.ts';
import { type SystemChainSettings, systemChain } from './system-chain.ts';

/** Days for which it is kept that a list went out; the audit keeps it for years. */
const daysKept = 30;

const partition = (day: string) => `morning-list#${day}`;

export function dynamoMorningMails(settings: SystemChainSettings): MorningMails {
  const { care } = settings;
  const onChain = systemChain(settings);
  return {
    async carried(day, staff) {
      const item = await care.item(partition(day), staff);
      return item === undefined ? null : texts(item, 'messages');
    },
    note: (day, staff, messages, audit, at) =>
      onChain(systemChainOf(day), async () => {
        if ((await care.item(partition(day), staff)) !== undefined) return null;
        const attributes = { messages: fromTexts(messages), ...expiry(`${day}T00:00:00.000Z`, daysKept * days) };
        return { at, audit, puts: [], notes: [{ pk: partition(day), sk: staff, attributes, isNew: true }] };
      }),
  };
}
