import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { dynamoAuditRecords } from '../../functions/adapters/dynamodb/audit-records.ts';
import { careTable } from '../../functions/adapters/dynamodb/care-table.ts';
import { dataVersion, known, NewerData } from '../../functions/adapters/dynamodb/stored-item.ts';
import { dynamoStoredRecords } from '../../functions/adapters/dynamodb/stored-records.ts';
import { s3SealStore } from '../../functions/adapters/s3/seal-store.ts';
import { mayPass } from '../../functions/adapters/transient.ts';
import { memoryKeyring } from './memory-keyring.ts';

const dynamoDB = mockClient(DynamoDBClient);
const client = new DynamoDBClient({});
const care = careTable(client, 'care', memoryKeyring());
const newer = { pk: { S: 'p-1' }, sk: { S: 'head' }, dataVersion: { N: String(dataVersion + 1) } };
const buckets = { logBucket: 'log', stagingBucket: 'staging' };

async function allOf<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('an item that newer code has written', () => {
  beforeEach(() => {
    dynamoDB.reset();
    dynamoDB.on(GetItemCommand).resolves({ Item: newer });
    dynamoDB.on(QueryCommand).resolves({ Items: [newer] });
  });

  it.each([
    ['a state, a key, a marker', () => care.item('p-1', 'head')],
    ['a history', () => care.itemsUnder('p-1', 'event#')],
    ['a chain', () => dynamoAuditRecords(client, 'audit', care, new KMSClient({})).stored('p-1')],
    ['an export', () => allOf(dynamoStoredRecords(client, 'audit', false).between('p-1', 1, 2))],
    [
      'the head of the log',
      () => s3SealStore({ s3: new S3Client({}), dynamoDB: client, careTable: 'care', ...buckets }).head(),
    ],
  ])('is refused with what to do, as part of %s, and not misread or written over', async (_name, read) => {
    await expect(read()).rejects.toThrow(
      new NewerData(
        'a stored item has data version 2, this Tandem knows up to 1: deploy the newer Tandem again (docs/operations.md#updating)',
      ),
    );
  });

  it('is nothing that passes by itself: it is set aside, counted and alarmed, and not tried for ever', () => {
    expect(mayPass(new NewerData('newer'))).toBe(false);
  });
});

describe('an item of a version that is known', () => {
  it('is read', () => {
    const item = { ...newer, dataVersion: { N: '1' } };
    expect(known(item)).toBe(item);
    expect(known(undefined)).toBeUndefined();
  });
});
