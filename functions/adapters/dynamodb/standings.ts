import { genesis } from '../../domain/audit-chain.ts';
import type { Standings } from '../../ports/standings.ts';
import { systemChains } from '../set-aside-audit.ts';
import type { CareTable } from './care-table.ts';
import { number, text } from './stored-item.ts';

/** Version and head stand in clear beside every state, so that comparing takes no right to read one. */
export function dynamoStandings(care: Pick<CareTable, 'item'>): Standings {
  return {
    system: systemChains,
    async of(chain) {
      const head = await care.item(chain, 'head');
      return head === undefined
        ? { version: 0, head: genesis(chain) }
        : { version: number(head, 'version'), head: text(head, 'head') };
    },
  };
}
