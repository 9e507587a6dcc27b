import type { Instant } from '../../domain/instant.ts';
import type { Pause } from '../../load-decide-commit.ts';
import type { SetAside, SetAsides } from '../../ports/set-aside.ts';
import { openCare } from '../kms/envelope.ts';
import { byAge, refusalRecord, removalRecord, systemChainOf, systemChains } from '../set-aside-audit.ts';
import type { CareTable } from './care-table.ts';
import { type Item, number, text } from './stored-item.ts';
import { systemChain } from './system-chain.ts';
import type { TransactionWriter, Writing } from './transaction.ts';

/**
 * Bytes of a message that one item holds. A message may be larger than an item can be (1 MiB on a queue, 400 KB in a
 * table), and the larger for being encrypted: the rest goes into further items of the same transaction.
 */
const bytesInPart = 256 * 1024;

const keyOf = (id: string, part: number) => (part === 0 ? `set-aside#${id}` : `set-aside-part#${id}#${part}`);

export interface SetAsidesSettings {
  readonly care: CareTable;
  readonly writer: TransactionWriter;
  /** Clinic.hash: the rules that refused the message. */
  readonly rules: string;
  readonly now: () => Instant;
  /** Between two tries when another writer of the same chain was first. */
  readonly pause: Pause;
}

export function dynamoSetAsides({ care, writer, rules, now, pause }: SetAsidesSettings): SetAsides {
  const onChain = systemChain({ care, writer, pause });

  /** Writes what `change` makes of the item as it stands; null: nothing to write. */
  function write(id: string, change: (stored: Item | undefined) => Omit<Writing, 'chain'> | null): Promise<boolean> {
    const owner = systemChainOf(id);
    return onChain(owner, async () => change(await care.item(owner, keyOf(id, 0))));
  }

  async function read(owner: string, item: Item): Promise<SetAside> {
    const id = text(item, 'sk').slice(keyOf('', 0).length);
    const { care: key } = await care.keysOf(owner);
    const parts: Uint8Array[] = [];
    for (let part = 0; part < number(item, 'parts'); part += 1) {
      const stored = part === 0 ? item : await care.item(owner, keyOf(id, part));
      if (stored === undefined)
        throw new Error(`set-aside ${id} lost a part: it was removed just now, or the table is damaged`);
      parts.push(await openCare(key, owner, keyOf(id, part), text(stored, 'content')));
    }
    const content: Omit<SetAside, 'id'> = JSON.parse(Buffer.concat(parts).toString());
    return { id, ...content };
  }

  return {
    async put(entry) {
      const { id, at, reason, body } = entry;
      // Plain JSON and not the canonical text, which has no way to write half a character: a message is kept as it came.
      const content = new TextEncoder().encode(JSON.stringify({ at, reason, body }));
      const parts = Math.ceil(content.length / bytesInPart);
      await write(id, (stored) =>
        stored !== undefined
          ? null
          : {
              at,
              audit: refusalRecord(entry, rules),
              puts: Array.from({ length: parts }, (_, part) => ({
                key: keyOf(id, part),
                content: content.subarray(part * bytesInPart, (part + 1) * bytesInPart),
                isNew: true,
                ...(part === 0 && { attributes: { parts: { N: String(parts) } } }),
              })),
            },
      );
    },

    async list() {
      const found = await Promise.all(
        systemChains.map(async (owner) => {
          const items = await care.itemsUnder(owner, keyOf('', 0));
          return Promise.all(items.map((item) => read(owner, item)));
        }),
      );
      return found.flat().toSorted(byAge);
    },

    remove(id, why) {
      return write(id, (stored) =>
        stored === undefined
          ? null
          : {
              at: now(),
              audit: removalRecord(id, why, rules),
              puts: [],
              deletes: Array.from({ length: number(stored, 'parts') }, (_, part) => keyOf(id, part)),
            },
      );
    },
  };
}
