import { randomBytes } from 'node:crypto';
import {
  BatchWriteItemCommand,
  type CancellationReason,
  DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ItemTooLarge,
  putCanaryNote,
  removeErasedItems,
  transactionWriter,
  type Writing,
  WritingRefused,
} from '../../functions/adapters/dynamodb/transaction.ts';
import { genesis } from '../../functions/domain/audit-chain.ts';
import { Conflict } from '../../functions/ports/patients.ts';
import { memoryKeyring } from './memory-keyring.ts';

const dynamoDB = mockClient(DynamoDBClient);
const at = '2026-03-01T12:00:00.000Z';
const secret = 'Qvx91';

const writing = (version = 4): Writing => ({
  chain: { id: 'p-1', version, head: version === 0 ? genesis('p-1') : 'ab'.repeat(32) },
  at,
  audit: {
    action: 'event.record',
    agent: { who: 'programme', role: 'vendor' },
    source: 'bus',
    part: null,
    outcome: 'success',
    reason: secret,
    changed: true,
    rules: 'sha256:rules',
    detail: {},
  },
  snapshot: { attributes: {}, foldedUnder: 'sha256:rules', content: Buffer.from(secret) },
  puts: [
    { key: 'event#e-1', content: Buffer.from(secret), isNew: true },
    { key: 'alert#a-1', content: Buffer.from(secret), attributes: { status: { S: 'open' } } },
  ],
  deletes: ['set-aside#1'],
  marker: 'e-1',
});

/** The places of a writing's actions, in the order in which the service answers for them. */
const [audit, head, event, set, marker] = [0, 1, 2, 5, 6] as const;

function cancelled(reasons: Readonly<Record<number, CancellationReason>>): TransactionCanceledException {
  return new TransactionCanceledException({
    message: `quotes ${secret}`,
    $metadata: {},
    CancellationReasons: Array.from({ length: 7 }, (_, place) => reasons[place] ?? { Code: 'None' }),
  });
}

const failed: CancellationReason = { Code: 'ConditionalCheckFailed', Message: secret };

describe('the one transaction', () => {
  const pauses: number[] = [];

  beforeEach(() => {
    dynamoDB.reset();
    pauses.length = 0;
  });

  const writer = transactionWriter({
    client: new DynamoDBClient({}),
    careTable: 'care',
    auditTable: 'audit',
    keyring: memoryKeyring(),
    keysOf: async (owner) => (await memoryKeyring().create(owner)).keys,
    randomBytes,
    pause: async (attempt) => {
      pauses.push(attempt);
    },
  });

  it('is all of a decision, each part under the condition that nobody else was first', async () => {
    dynamoDB.on(TransactWriteItemsCommand).resolves({});
    await writer.write(writing());
    const actions = (sent()[0]?.TransactItems ?? []).map(({ Put, Delete }) => [
      Put?.TableName ?? Delete?.TableName,
      Put?.Item?.['sk']?.S ?? Delete?.Key?.['sk']?.S ?? 'record',
      Put?.ConditionExpression ?? Delete?.ConditionExpression ?? 'none',
    ]);
    expect(actions).toEqual([
      ['audit', 'record', 'attribute_not_exists(chain)'],
      ['care', 'head', 'version = :loaded'],
      ['care', 'event#e-1', 'attribute_not_exists(pk)'],
      ['care', 'alert#a-1', 'none'],
      // The note for the sealer that the chain has grown.
      ['care', 'p-1', 'none'],
      ['care', 'set-aside#1', 'attribute_exists(pk)'],
      ['care', 'event', 'attribute_not_exists(pk)'],
    ]);
    expect(JSON.stringify(sent())).not.toContain(secret);
  });

  it('brings the keys along with the first decision, and keeps them only once the table has them', async () => {
    const keyring = memoryKeyring();
    const first = transactionWriter({
      client: new DynamoDBClient({}),
      careTable: 'care',
      auditTable: 'audit',
      keyring,
      keysOf: () => Promise.reject(new Error('there are none yet')),
      randomBytes,
      pause: () => Promise.resolve(),
    });
    dynamoDB
      .on(TransactWriteItemsCommand)
      .rejectsOnce(cancelled({ [head]: failed }))
      .resolves({});
    await expect(first.write(writing(0))).rejects.toBeInstanceOf(Conflict);
    expect(keyring.kept).toEqual([]);
    await first.write(writing(0));
    expect(keyring.kept).toEqual(['p-1']);
    const keys = sent()[1]?.TransactItems?.find(({ Put }) => Put?.Item?.['sk']?.S === 'keys');
    expect(keys?.Put?.ConditionExpression).toBe('attribute_not_exists(pk)');
    expect(sent()[1]?.TransactItems?.[head]?.Put?.ConditionExpression).toBe('attribute_not_exists(pk)');
  });

  for (const [what, reasons] of [
    ['the head has moved on', { [head]: failed }],
    ['the record is another writer’s', { [audit]: { ...failed, Item: { head: { S: 'cd'.repeat(32) } } } }],
    ['the event is stored', { [event]: failed }],
    ['the item to delete is gone', { [set]: failed }],
    ['the event’s id was used by another patient', { [marker]: failed }],
    ['another transaction is under way', { [head]: { Code: 'TransactionConflict' } }],
    ['another won while the table was busy', { [audit]: { Code: 'ThrottlingError' }, [head]: failed }],
  ] as const) {
    it(`is a conflict where ${what}, and not sent again`, async () => {
      dynamoDB.on(TransactWriteItemsCommand).rejects(cancelled(reasons));
      await expect(writer.write(writing())).rejects.toBeInstanceOf(Conflict);
      expect(sent()).toHaveLength(1);
    });
  }

  it('is done where the record there is its own: the first try applied and its answer was lost (D02)', async () => {
    dynamoDB.on(TransactWriteItemsCommand).callsFake(({ TransactItems }) => {
      const { Item } = TransactItems[audit].Put;
      throw cancelled({ [audit]: { ...failed, Item: { head: Item.head } }, [head]: failed, [event]: failed });
    });
    expect(await writer.write(writing())).toMatchObject({ chain: 'p-1', sequence: 5 });
    expect(sent()).toHaveLength(1);
  });

  for (const [what, error] of [
    ['an earlier try is still under way (D12)', named('TransactionInProgressException')],
    ['requests are throttled', named('ThrottlingException')],
    ['an account limit is met', named('RequestLimitExceeded')],
    ['the table’s capacity is used up', named('ProvisionedThroughputExceededException')],
    ['the service has a fault', named('InternalServerError')],
    ['a part is throttled', cancelled({ [event]: { Code: 'ThrottlingError' } })],
    ['a part’s capacity is used up', cancelled({ [audit]: { Code: 'ProvisionedThroughputExceeded' } })],
  ] as const) {
    it(`is sent again, the same to the byte, where ${what}`, async () => {
      dynamoDB.on(TransactWriteItemsCommand).rejectsOnce(error).rejectsOnce(error).resolves({});
      await writer.write(writing());
      expect(pauses).toEqual([1, 2]);
      expect(sent()).toHaveLength(3);
      expect(sent()[2]).toEqual(sent()[0]);
      expect(sent()[0]?.ClientRequestToken).toMatch(/^[0-9a-f]{36}$/);
    });
  }

  it('gives up where the tables stay busy', async () => {
    dynamoDB.on(TransactWriteItemsCommand).rejects(named('ThrottlingException'));
    await expect(writer.write(writing())).rejects.toThrow('ThrottlingException');
    expect(pauses).toEqual([1, 2, 3, 4]);
  });

  for (const [what, reasons] of [
    ['an item is not valid', { [event]: { Code: 'ValidationError', Message: secret } }],
    ['an item collection is full', { [event]: { Code: 'ItemCollectionSizeLimitExceeded' } }],
    ['one part is refused and another lost', { [event]: { Code: 'ValidationError' }, [head]: failed }],
    ['no reason is given', {}],
  ] as const) {
    it(`is refused for good where ${what}, without a word of what was written`, async () => {
      dynamoDB.on(TransactWriteItemsCommand).rejects(cancelled(reasons));
      const refusal = await writer.write(writing()).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(WritingRefused);
      expect(String(refusal)).toMatch(/^WritingRefused: record 5 of p-1 was not written \(.+\)$/);
      expect(String(refusal)).not.toContain(secret);
      expect(sent()).toHaveLength(1);
    });
  }

  it('names the parts a conflict is about', async () => {
    dynamoDB
      .on(TransactWriteItemsCommand)
      .rejects(cancelled({ [audit]: failed, [head]: failed, [set]: { Code: 'TransactionConflict' }, [event]: {} }));
    await expect(writer.write(writing())).rejects.toThrow(
      'record 5 of p-1 was not written (audit record ConditionalCheckFailed, head ConditionalCheckFailed, set-aside#1 TransactionConflict)',
    );
  });

  it('passes any other error on', async () => {
    dynamoDB.on(TransactWriteItemsCommand).rejects(named('ResourceNotFoundException'));
    await expect(writer.write(writing())).rejects.toThrow('ResourceNotFoundException');
    expect(sent()).toHaveLength(1);
  });

  it('is refused before it is sent where an item is larger than DynamoDB keeps', async () => {
    const large = { ...writing(), puts: [{ key: 'event#e-1', content: new Uint8Array(320 * 1024) }] };
    await expect(writer.write(large)).rejects.toBeInstanceOf(ItemTooLarge);
    expect(sent()).toEqual([]);
  });

  it('writes the canary’s note to go a day later, in seconds', async () => {
    dynamoDB.on(PutItemCommand).resolves({});
    await putCanaryNote(new DynamoDBClient({}), 'care', 'c-1', at);
    expect(dynamoDB).toHaveReceivedCommandWith(PutItemCommand, {
      TableName: 'care',
      Item: {
        dataVersion: { N: '1' },
        pk: { S: 'canary' },
        sk: { S: 'c-1' },
        at: { S: at },
        expiresAt: { N: String(Date.parse('2026-03-02T12:00:00Z') / 1000) },
      },
    });
  });
});

function sent() {
  return dynamoDB.commandCalls(TransactWriteItemsCommand).map(({ args }) => args[0].input);
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

describe('what was erased', () => {
  const client = new DynamoDBClient({});
  const keys = Array.from({ length: 30 }, (_, number) => ({ pk: 'p-1', sk: `event#${number}` }));

  beforeEach(() => {
    dynamoDB.reset();
  });

  it('is removed in as many requests as it takes; what a busy table left is asked for again', async () => {
    const left = [{ DeleteRequest: { Key: { pk: { S: 'p-1' }, sk: { S: 'event#7' } } } }];
    dynamoDB
      .on(BatchWriteItemCommand)
      .resolvesOnce({ UnprocessedItems: { care: left } })
      .resolves({});
    const pauses: number[] = [];
    await removeErasedItems(client, 'care', keys, async (attempt) => void pauses.push(attempt));
    const sizes = dynamoDB
      .commandCalls(BatchWriteItemCommand)
      .map(({ args: [{ input }] }) => input.RequestItems?.['care']?.length);
    expect(sizes).toEqual([25, 1, 5]);
    expect(pauses).toEqual([2]);
  });

  it('is given up where the table stays busy: the next run goes on', async () => {
    const left = [{ DeleteRequest: { Key: { pk: { S: 'p-1' }, sk: { S: 'event#7' } } } }];
    dynamoDB.on(BatchWriteItemCommand).resolves({ UnprocessedItems: { care: left } });
    await expect(removeErasedItems(client, 'care', keys, async () => {})).rejects.toThrow('stays busy');
  });
});

describe('an erasure', () => {
  it('takes the keys only where they are there, clears what stands in an index, and leaves no state', async () => {
    dynamoDB.reset();
    dynamoDB.on(TransactWriteItemsCommand).resolves({});
    const keyring = memoryKeyring();
    const writer = transactionWriter({
      client: new DynamoDBClient({}),
      careTable: 'care',
      auditTable: 'audit',
      keyring,
      keysOf: async (owner) => (await keyring.create(owner)).keys,
      randomBytes,
      pause: async () => {},
    });
    const { chain, audit: entry } = writing();
    const clears = [
      { pk: 'alert#a-1', sk: 'owner' },
      { pk: 'p-1', sk: 'due#reminder' },
    ];
    await writer.writeBoth(
      { chain, at, audit: entry, puts: [], deletes: ['keys'], clears, isErasure: true },
      { chain: { id: 'system-1', version: 0, head: genesis('system-1') }, at, audit: entry, puts: [] },
    );
    const [request] = dynamoDB.commandCalls(TransactWriteItemsCommand).map(({ args: [{ input }] }) => input);
    const items = request?.TransactItems ?? [];
    expect(items.flatMap(({ Delete }) => (Delete ? [[Delete.Key, Delete.ConditionExpression]] : []))).toEqual([
      [{ pk: { S: 'p-1' }, sk: { S: 'keys' } }, 'attribute_exists(pk)'],
      [{ pk: { S: 'alert#a-1' }, sk: { S: 'owner' } }, undefined],
      [{ pk: { S: 'p-1' }, sk: { S: 'due#reminder' } }, undefined],
    ]);
    const [left] = items.flatMap(({ Put }) => (Put?.Item?.['sk']?.S === 'head' ? [Put.Item] : []));
    expect(left).toEqual({
      dataVersion: { N: '1' },
      pk: { S: 'p-1' },
      sk: { S: 'head' },
      version: { N: '5' },
      head: { S: expect.any(String) },
      erasedAt: { S: at },
    });
    // The twin's chain was a new one: its keys came along, and are kept.
    expect(keyring.kept).toEqual(['system-1']);
    expect(items.filter(({ Put }) => Put?.TableName === 'audit')).toHaveLength(2);
    expect(JSON.stringify(request)).not.toContain(secret);
  });
});
