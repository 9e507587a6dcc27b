import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { dynamoAuditRecords } from '../../functions/adapters/dynamodb/audit-records.ts';
import { careTable } from '../../functions/adapters/dynamodb/care-table.ts';
import { dynamoPatients } from '../../functions/adapters/dynamodb/patients.ts';
import { bytes, Malformed, map, number, text } from '../../functions/adapters/dynamodb/stored-item.ts';
import { memoryKeyring } from './memory-keyring.ts';

const dynamoDB = mockClient(DynamoDBClient);
const client = new DynamoDBClient({});
const care = careTable(client, 'care', memoryKeyring());

const record = (n: number) => ({
  chain: { S: 'p-1' },
  sequence: { N: String(n) },
  recordedAt: { S: 'then' },
  recordHash: { S: 'hash' },
  head: { S: 'head' },
  content: { S: '{}' },
});

describe('reading the tables', () => {
  beforeEach(() => {
    dynamoDB.reset();
  });

  it('goes on behind an empty page, to the end, strongly consistent (P11)', async () => {
    const from = { pk: { S: 'p-1' }, sk: { S: 'event#1' } };
    dynamoDB
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ sk: { S: 'event#1' } }], LastEvaluatedKey: from })
      .resolvesOnce({ Items: [], LastEvaluatedKey: { ...from, sk: { S: 'event#2' } } })
      .resolvesOnce({ LastEvaluatedKey: { ...from, sk: { S: 'event#3' } } })
      .resolves({ Items: [{ sk: { S: 'event#4' } }] });
    expect(await care.itemsUnder('p-1', 'event#')).toEqual([{ sk: { S: 'event#1' } }, { sk: { S: 'event#4' } }]);
    const inputs = dynamoDB.commandCalls(QueryCommand).map(({ args }) => args[0].input);
    expect(inputs.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true, true, true]);
    expect(inputs.map(({ ExclusiveStartKey }) => ExclusiveStartKey?.['sk']?.S)).toEqual([
      undefined,
      'event#1',
      'event#2',
      'event#3',
    ]);
  });

  it('reads a chain to its end too (P11)', async () => {
    dynamoDB
      .on(QueryCommand)
      .resolvesOnce({ LastEvaluatedKey: { chain: { S: 'p-1' }, sequence: { N: '0' } } })
      .resolvesOnce({ Items: [record(1)], LastEvaluatedKey: { chain: { S: 'p-1' }, sequence: { N: '1' } } })
      .resolves({ Items: [record(2)] });
    const audit = dynamoAuditRecords(client, 'audit', care, new KMSClient({}));
    expect((await audit.stored('p-1')).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('reads single items strongly consistent', async () => {
    dynamoDB.on(GetItemCommand).resolves({});
    expect(await care.item('p-1', 'head')).toBeUndefined();
    expect(dynamoDB).toHaveReceivedCommandWith(GetItemCommand, { ConsistentRead: true });
  });

  it('takes a marker without its event for damage, and not for a new event', async () => {
    dynamoDB
      .on(GetItemCommand)
      .resolvesOnce({ Item: { patient: { S: 'p-1' } } })
      .resolves({});
    const refuse = () => Promise.reject(new Error('nothing is written here'));
    const writer = { write: refuse, writeBoth: refuse };
    const patients = dynamoPatients(care, writer, { event: async () => 'e-1' });
    await expect(patients.seen('p-1', 'ev-1')).rejects.toThrow('marked as stored, but is not');
  });

  it('says which attribute a foreign item lacks', () => {
    for (const read of [text, number, map, bytes]) {
      expect(() => read({ one: { BOOL: true } }, 'one')).toThrow(Malformed);
      expect(() => read({}, 'one')).toThrow(/a stored item lacks "one"/);
    }
  });
});
