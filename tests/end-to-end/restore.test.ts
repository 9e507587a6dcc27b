import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetResourcePolicyCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { restore } from '../../bin/commands/restore.ts';
import { Refused } from '../../bin/deployment.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { type Deployed, deployed } from './deployed.ts';

let stack: Deployed;
let dynamoDB: DynamoDBClient;
let tables: { care: string; audit: string };
const patience = { pause: () => Promise.resolve(), looks: 100 };
const silent = () => {};

beforeAll(() => {
  stack = deployed();
  dynamoDB = new DynamoDBClient({});
  tables = { care: stack.output('CareTable'), audit: stack.output('AuditTable') };
});

async function event(vendorId: string, number: number): Promise<void> {
  const occurredAt = `2026-03-02T09:0${number}:00Z`;
  const read = {
    id: `${vendorId}-${number}`,
    type: 'PatientActive',
    occurredAt,
    patient: vendorId,
    data: { kind: 'use' },
  };
  expect(await receiveEvent(stack, read, new Date().toISOString())).toMatchObject({ outcome: 'recorded' });
}

describe('a table that is brought back (45 CFR 164.308(a)(7)(ii)(B); ran on the emulator, which copies the table as it is)', () => {
  it('stands beside the old one with the same items, protected as that one is', async () => {
    await event('restored-1', 1);
    const { table, stream } = await restore('care', tables, { as: 'care-restored' }, silent, patience);
    expect(table).toBe('care-restored');
    const count = async (TableName: string) =>
      (await dynamoDB.send(new ScanCommand({ TableName, Select: 'COUNT' }))).Count;
    expect(await count(table)).toBe(await count(tables.care));
    const [old, now] = await Promise.all(
      [tables.care, table].map(
        async (TableName) => (await dynamoDB.send(new DescribeTableCommand({ TableName }))).Table,
      ),
    );
    expect(now?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['due']);
    expect(now?.StreamSpecification).toEqual(old?.StreamSpecification);
    expect(stream).toBe(now?.LatestStreamArn);
    const expiry = async (TableName: string) =>
      (await dynamoDB.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
    expect(await expiry(table)).toEqual(await expiry(tables.care));
    const policy = async (ResourceArn: string | undefined) =>
      (await dynamoDB.send(new GetResourcePolicyCommand({ ResourceArn })).catch(() => ({ Policy: undefined }))).Policy;
    expect(await policy(now?.TableArn)).toEqual(await policy(old?.TableArn));
  });

  it('is compared with the audit, and a decision committed since is named', async () => {
    await event('restored-2', 1);
    const { discrepancies } = await restore('care', tables, { as: 'care-earlier' }, silent, patience);
    const id = await stack.pseudonyms.patient('restored-2');
    expect(discrepancies.filter(({ chain }) => chain === id)).toEqual([]);
    await event('restored-2', 2);
    const again = await restore('care', tables, { table: 'care-earlier' }, silent, patience);
    expect(again.discrepancies.filter(({ chain }) => chain === id)).toEqual([
      { chain: id, sequence: 2, kind: 'record-without-change' },
    ]);
  });

  it('can be the audit’s, without whose newest records the states say so', async () => {
    await event('restored-3', 1);
    const { table, stream } = await restore('audit', tables, { as: 'audit-restored' }, silent, patience);
    expect(stream).toBeNull();
    await event('restored-3', 2);
    const id = await stack.pseudonyms.patient('restored-3');
    const { discrepancies } = await restore('audit', tables, { table }, silent, patience);
    expect(discrepancies.filter(({ chain }) => chain === id)).toEqual([
      { chain: id, sequence: 2, kind: 'change-without-record' },
    ]);
  });

  it('is refused for a moment that is none', async () => {
    await expect(restore('care', tables, { at: 'yesterday' }, silent, patience)).rejects.toThrow(Refused);
  });
});
