import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Pause } from '../../load-decide-commit.ts';
import type { Erasures } from '../../ports/erasures.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import { alertKey, alertOfKey } from './alert-index.ts';
import type { CareTable } from './care-table.ts';
import { type Item, text } from './stored-item.ts';
import { chainPlace } from './system-chain.ts';
import { type ItemKey, removeErasedItems, type TransactionWriter } from './transaction.ts';

/** A transaction takes 100 items: two for each alert, and fewer than 20 others. */
const mostAlerts = 40;

export interface ErasuresSettings {
  readonly client: DynamoDBClient;
  readonly careTable: string;
  readonly care: Pick<CareTable, 'item' | 'itemsUnder'>;
  readonly writer: TransactionWriter;
  /** Between two tries while the table is busy. */
  readonly pause: Pause;
}

export function dynamoErasures({ client, careTable, care, writer, pause }: ErasuresSettings): Erasures {
  return {
    async erase(patient, { at, record, twin }) {
      const system = systemChainOf(patient.id);
      const place = chainPlace(system, await care.item(system, 'head'));
      // What stands in an index goes with the keys, so that nothing is driven, reminded or scanned of somebody erased.
      const indexed = [
        ...patient.alerts.slice(0, mostAlerts).map(({ id }) => alertKey(id)),
        ...(patient.reminderAt === null ? [] : ['due#reminder']),
      ].flatMap((sk) => [...companionOf(sk), { pk: patient.id, sk }]);
      await writer.writeBoth(
        { chain: patient, at, audit: record, puts: [], deletes: ['keys'], clears: indexed, isErasure: true },
        { chain: place, at, audit: twin, puts: [] },
      );
    },

    async clear(id) {
      const items = await care.itemsUnder(id, '');
      if (!items.some((item) => text(item, 'sk') === 'head' && item['erasedAt'] !== undefined))
        throw new Error(`${id} is not erased: nothing of theirs is removed`);
      const theirs = items.map(keyOf).filter(({ sk }) => sk !== 'head');
      const elsewhere = theirs.flatMap(({ sk }) => companionOf(sk));
      // What is elsewhere is found by theirs alone, so theirs go last: a run that stops in between finds both again.
      await removeErasedItems(client, careTable, elsewhere, pause);
      await removeErasedItems(client, careTable, theirs, pause);
      return elsewhere.length + theirs.length;
    },
  };
}

function keyOf(item: Item): ItemKey {
  return { pk: text(item, 'pk'), sk: text(item, 'sk') };
}

/**
 * What exists outside the patient's partition because of one of their items. Without its marker an event could be sent anew; with the
 * marker alone it would be taken for one that was stored and is lost. Claims of alerts and lines of nights run out by themselves.
 */
function companionOf(sortKey: string): ItemKey[] {
  if (alertOfKey(sortKey) !== null) return [{ pk: sortKey, sk: 'owner' }];
  return sortKey.startsWith('event#') ? [{ pk: sortKey, sk: 'event' }] : [];
}
