import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Pause } from '../../load-decide-commit.ts';
import { type Bus, type BusEntry, DoorClosed } from '../../ports/door.ts';

/** Entries of one PutEvents call. */
const mostEntries = 10;

/** Bytes of one call, as EventBridge counts them (source, detail type, detail in UTF-8). */
const mostBytes = 256 * 1024;

/** Rounds before the door counts as closed, each of them already retried by the SDK where the whole call failed. */
const mostTries = 6;

/** An entry that no bus takes, however often it is sent. */
export class EntryTooLarge extends Error {
  override readonly name = 'EntryTooLarge';
}

export interface EventBridgeBusSettings {
  readonly client: EventBridgeClient;
  readonly busName: string;
  /** Between two rounds. */
  readonly pause: Pause;
}

/**
 * EventBridge. A call can succeed and yet leave entries out: each entry's own answer is read, and what failed, and only
 * that, is sent again. An entry may arrive twice, where the answer was lost.
 */
export function eventBridgeBus({ client, busName, pause }: EventBridgeBusSettings): Bus {
  /** What was not taken, with the service's code for why. */
  async function failed(
    entries: readonly PutEventsRequestEntry[],
  ): Promise<{ entry: PutEventsRequestEntry; code: string }[]> {
    try {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }));
      return entries.flatMap((entry, place) => {
        const answer = Entries[place];
        return answer?.EventId === undefined ? [{ entry, code: answer?.ErrorCode ?? 'NoAnswer' }] : [];
      });
    } catch (error) {
      const code = error instanceof Error ? error.name : 'Unknown';
      return entries.map((entry) => ({ entry, code }));
    }
  }

  return {
    async put(entries) {
      let waiting = entries.map((entry, place) => toRequest(entry, place, busName));
      for (let attempt = 1; waiting.length > 0; attempt += 1) {
        const left: { entry: PutEventsRequestEntry; code: string }[] = [];
        for (const batch of batchesOf(waiting)) left.push(...(await failed(batch)));
        if (left.length > 0) {
          if (attempt === mostTries) {
            const codes = [...new Set(left.map(({ code }) => code))].toSorted().join(', ');
            throw new DoorClosed(
              `${left.length} of ${entries.length} entries were not taken after ${mostTries} tries: ${codes}`,
            );
          }
          await pause(attempt);
        }
        waiting = left.map(({ entry }) => entry);
      }
    },
  };
}

function toRequest(entry: BusEntry, place: number, busName: string): PutEventsRequestEntry {
  const request = {
    EventBusName: busName,
    Source: entry.source,
    DetailType: entry.detailType,
    Detail: JSON.stringify(entry.detail),
  };
  const bytes = bytesOf(request);
  if (bytes > mostBytes) {
    throw new EntryTooLarge(
      `entry ${place + 1} has ${bytes} bytes: the bus takes at most ${mostBytes}. Nothing was sent`,
    );
  }
  return request;
}

function* batchesOf(entries: readonly PutEventsRequestEntry[]): Generator<PutEventsRequestEntry[]> {
  let batch: PutEventsRequestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const more = bytesOf(entry);
    if (batch.length === mostEntries || bytes + more > mostBytes) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += more;
  }
  yield batch;
}

function bytesOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
