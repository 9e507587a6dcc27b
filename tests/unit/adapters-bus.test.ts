import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { EntryTooLarge, eventBridgeBus } from '../../functions/adapters/eventbridge/bus.ts';
import { type BusEntry, DoorClosed } from '../../functions/ports/door.ts';

const eventBridge = mockClient(EventBridgeClient);
const entry = (n: number, text = ''): BusEntry => ({
  source: 'tandem.programme',
  detailType: 'PatientActive',
  detail: { n, text },
});
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Answers every entry; those that `fails` names, with a failure. */
function answer(fails: (n: number, call: number) => boolean) {
  let call = 0;
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }) => {
    call += 1;
    const answers = Entries.map(({ Detail }: { Detail: string }) =>
      fails(JSON.parse(Detail).n, call)
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: Detail }
        : { EventId: 'id' },
    );
    return { FailedEntryCount: answers.filter((one: object) => 'ErrorCode' in one).length, Entries: answers };
  });
}

function calls(): number[][] {
  return eventBridge
    .commandCalls(PutEventsCommand)
    .map(({ args }) => (args[0].input.Entries ?? []).map(({ Detail }) => JSON.parse(Detail ?? '').n));
}

describe('the door', () => {
  const pauses: number[] = [];
  const bus = eventBridgeBus({
    client: new EventBridgeClient({}),
    busName: 'the-bus',
    pause: async (attempt) => {
      pauses.push(attempt);
    },
  });

  beforeEach(() => {
    eventBridge.reset();
    pauses.length = 0;
  });

  it('sends nothing for nothing', async () => {
    await bus.put([]);
    expect(calls()).toEqual([]);
  });

  it('sends ten entries a call', async () => {
    answer(() => false);
    await bus.put(numbers(1, 25).map((n) => entry(n)));
    expect(calls()).toEqual([numbers(1, 10), numbers(11, 20), numbers(21, 25)]);
    expect(eventBridge).toHaveReceivedCommandWith(PutEventsCommand, {
      Entries: [
        expect.objectContaining({
          EventBusName: 'the-bus',
          Source: 'tandem.programme',
          DetailType: 'PatientActive',
          Detail: '{"n":21,"text":""}',
        }),
        ...Array.from({ length: 4 }, () => expect.anything()),
      ],
    });
    expect(pauses).toEqual([]);
  });

  it('sends at most 256 KB a call, counted in UTF-8', async () => {
    answer(() => false);
    await bus.put([entry(1, 'é'.repeat(60_000)), entry(2, 'é'.repeat(60_000)), entry(3, 'é'.repeat(60_000)), entry(4)]);
    expect(calls()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('refuses an entry that no call could carry, before anything is sent', async () => {
    answer(() => false);
    await expect(bus.put([entry(1), entry(2, 'x'.repeat(256 * 1024))])).rejects.toThrow(EntryTooLarge);
    expect(calls()).toEqual([]);
  });

  it('sends the entries again that a successful call left out, and only those (P05)', async () => {
    answer((n, call) => (call === 1 && (n === 3 || n === 7)) || (call === 2 && n === 7));
    await bus.put(numbers(1, 10).map((n) => entry(n)));
    expect(calls()).toEqual([numbers(1, 10), [3, 7], [7]]);
    expect(pauses).toEqual([1, 2]);
  });

  it('does not hold back other calls for one that fails', async () => {
    answer((n, call) => call === 1 && n <= 10);
    await bus.put(numbers(1, 15).map((n) => entry(n)));
    expect(calls()).toEqual([numbers(1, 10), numbers(11, 15), numbers(1, 10)]);
  });

  it('counts an entry without an answer of its own as not taken (P05)', async () => {
    eventBridge
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: [{ EventId: 'id' }] })
      .resolvesOnce({})
      .resolves({ Entries: [{ EventId: 'id' }] });
    await bus.put([entry(1), entry(2)]);
    expect(calls()).toEqual([[1, 2], [2], [2]]);
  });

  it('sends a call again that failed as a whole', async () => {
    eventBridge
      .on(PutEventsCommand)
      .rejectsOnce(Object.assign(new Error('away'), { name: 'TimeoutError' }))
      .resolves({ Entries: [{ EventId: 'id' }] });
    await bus.put([entry(1)]);
    expect(calls()).toEqual([[1], [1]]);
  });

  it('is closed where an entry is not taken after six tries: the error counts and names codes, and quotes nothing (P05)', async () => {
    answer((n) => n === 2);
    const closed = await bus.put([entry(1), entry(2, 'Qvx92')]).catch((error: unknown) => error);
    expect(closed).toBeInstanceOf(DoorClosed);
    expect(String(closed)).toBe('DoorClosed: 1 of 2 entries were not taken after 6 tries: ThrottlingException');
    expect(pauses).toEqual([1, 2, 3, 4, 5]);
  });
});
