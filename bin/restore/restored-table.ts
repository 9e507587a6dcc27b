import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetResourcePolicyCommand,
  PolicyNotFoundException,
  PutResourcePolicyCommand,
  RestoreTableToPointInTimeCommand,
  type TableDescription,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { Refused } from '../deployment.ts';

/** How long is waited between two looks at a table that is being made, and for how long in all: AWS says up to several hours. */
export interface Patience {
  readonly pause: () => Promise<void>;
  readonly looks: number;
}

/**
 * Brings the table back as it was at a moment, as a new table beside it.
 * @param at null: the latest moment that can be brought back, mostly five minutes ago.
 * @throws Refused where point-in-time recovery does not reach back to that moment.
 */
export async function restoreToMoment(
  client: DynamoDBClient,
  source: string,
  target: string,
  at: Date | null,
): Promise<void> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: source }));
  const key = Table?.SSEDescription?.KMSMasterKeyArn;
  if (at !== null) await refuseOutside(client, source, at);
  await client.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: source,
      TargetTableName: target,
      ...(at === null ? { UseLatestRestorableTime: true } : { RestoreDateTime: at }),
      // Said and not left to the service: the clinic's own key, or the copy would lie under another.
      ...(key !== undefined && { SSESpecificationOverride: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key } }),
    }),
  );
}

async function refuseOutside(client: DynamoDBClient, table: string, at: Date): Promise<void> {
  const { ContinuousBackupsDescription } = await client.send(
    new DescribeContinuousBackupsCommand({ TableName: table }),
  );
  const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } =
    ContinuousBackupsDescription?.PointInTimeRecoveryDescription ?? {};
  if ((earliest !== undefined && at < earliest) || (latest !== undefined && at > latest))
    throw new Refused(
      `--at: this table can be brought back to between ${earliest?.toISOString()} and ${latest?.toISOString()}; ` +
        'for an earlier moment see docs/operations.md#restoring-a-table',
    );
}

/** Resolves once the table can be used. */
export async function untilActive(
  client: DynamoDBClient,
  table: string,
  patience: Patience,
): Promise<TableDescription> {
  for (let look = 1; look <= patience.looks; look += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    if (Table?.TableStatus === 'ACTIVE') return Table;
    await patience.pause();
  }
  throw new Refused(`${table} is still being made: run the same command with --table ${table} later`);
}

/** Gives a restored table what a restore leaves out and the table it came from has. Again does no harm. */
export async function protectAs(
  client: DynamoDBClient,
  table: string,
  source: string,
  patience: Patience,
): Promise<TableDescription> {
  const { Table: model } = await client.send(new DescribeTableCommand({ TableName: source }));
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName: table,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
    }),
  );
  const restored = await untilActive(client, table, patience);
  const { StreamSpecification } = model ?? {};
  if (StreamSpecification?.StreamEnabled === true && restored.StreamSpecification?.StreamEnabled !== true) {
    await client.send(new UpdateTableCommand({ TableName: table, StreamSpecification }));
    await untilActive(client, table, patience);
  }
  if (model?.DeletionProtectionEnabled === true) {
    await client.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: true }));
    await untilActive(client, table, patience);
  }
  await expireAs(client, table, source);
  await refuseAs(client, restored, model);
  return untilActive(client, table, patience);
}

async function expireAs(client: DynamoDBClient, table: string, source: string): Promise<void> {
  const expiry = async (TableName: string) =>
    (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription?.AttributeName;
  const AttributeName = await expiry(source);
  if (AttributeName === undefined || (await expiry(table)) === AttributeName) return;
  await client.send(
    new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName, Enabled: true } }),
  );
}

/** The table's own policy names itself "*", so that it fits another table as it stands. */
async function refuseAs(
  client: DynamoDBClient,
  { TableArn }: TableDescription,
  source: TableDescription | undefined,
): Promise<void> {
  const policy = await client
    .send(new GetResourcePolicyCommand({ ResourceArn: source?.TableArn }))
    .then(({ Policy }) => Policy)
    .catch((error: unknown) => {
      if (error instanceof PolicyNotFoundException) return undefined;
      throw error;
    });
  if (policy !== undefined) await client.send(new PutResourcePolicyCommand({ ResourceArn: TableArn, Policy: policy }));
}
