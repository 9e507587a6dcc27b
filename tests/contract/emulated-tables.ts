/** Tables and keys of their own for one suite on the emulator, and the adapters over them as a function composes them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttributeValue, CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { clientSettings } from '../../functions/adapters/clients.ts';
import { dynamoAlertClaims } from '../../functions/adapters/dynamodb/alert-claims.ts';
import { dynamoAlertIndex } from '../../functions/adapters/dynamodb/alert-index.ts';
import { dynamoAlertTokens } from '../../functions/adapters/dynamodb/alert-tokens.ts';
import { dynamoAuditRecords } from '../../functions/adapters/dynamodb/audit-records.ts';
import { dynamoCanaries } from '../../functions/adapters/dynamodb/canaries.ts';
import { careTable } from '../../functions/adapters/dynamodb/care-table.ts';
import { dynamoEarlyAlerts } from '../../functions/adapters/dynamodb/early-alerts.ts';
import { dynamoErasures } from '../../functions/adapters/dynamodb/erasure.ts';
import { dynamoMorningMails } from '../../functions/adapters/dynamodb/morning-mails.ts';
import { dynamoNights } from '../../functions/adapters/dynamodb/nights.ts';
import { dynamoPatients } from '../../functions/adapters/dynamodb/patients.ts';
import { dynamoReminderIndex } from '../../functions/adapters/dynamodb/reminder-index.ts';
import { dynamoReviewIndex } from '../../functions/adapters/dynamodb/review-index.ts';
import { dynamoSetAsides } from '../../functions/adapters/dynamodb/set-asides.ts';
import { transactionWriter } from '../../functions/adapters/dynamodb/transaction.ts';
import { dynamoTrialStops } from '../../functions/adapters/dynamodb/trial-stops.ts';
import { kmsKeyring } from '../../functions/adapters/kms/keyring.ts';
import { kmsPseudonyms } from '../../functions/adapters/kms/pseudonyms.ts';
import { jitteredPause } from '../../functions/load-decide-commit.ts';

// The emulator answers slower than AWS when two cores are busy, and a thousand writers stand in line before it: a call that is given
// up would only be repeated.
const settings = () => ({
  ...clientSettings,
  requestHandler: { ...clientSettings.requestHandler, requestTimeout: 240_000, connectionTimeout: 240_000 },
  endpoint: inject('emulator').endpoint,
  region: 'eu-north-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

export const emulatedDynamoDB = () => new DynamoDBClient(settings());
export const emulatedKMS = () => new KMSClient(settings());
export const emulatedS3 = () => new S3Client(settings());

export interface EmulatedTables {
  readonly careTable: string;
  readonly auditTable: string;
  readonly careKeyArn: string;
  readonly auditKeyArn: string;
  readonly identityKeyArn: string;
}

export async function createTables(): Promise<EmulatedTables> {
  const suffix = randomUUID();
  const tables = { careTable: `care-${suffix}`, auditTable: `audit-${suffix}` };
  const client = emulatedDynamoDB();
  await Promise.all([
    createTable(client, tables.careTable, ['pk', 'S'], ['sk', 'S'], ['dueKind', 'dueAt']),
    createTable(client, tables.auditTable, ['chain', 'S'], ['sequence', 'N']),
  ]);
  const [careKeyArn, auditKeyArn, identityKeyArn] = await Promise.all([createKey(), createKey(), createIdentityKey()]);
  return { ...tables, careKeyArn, auditKeyArn, identityKeyArn };
}

export async function createKey(): Promise<string> {
  const { KeyMetadata } = await emulatedKMS().send(new CreateKeyCommand({}));
  return KeyMetadata?.Arn as string;
}

export async function createIdentityKey(): Promise<string> {
  const { KeyMetadata } = await emulatedKMS().send(
    new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  );
  return KeyMetadata?.Arn as string;
}

/** The adapters as one process has them: with a key cache of its own. */
export function processOver(
  tables: EmulatedTables,
  client: DynamoDBClient = emulatedDynamoDB(),
  kms: KMSClient = emulatedKMS(),
) {
  const keyring = kmsKeyring(kms, { ...tables, now: () => performance.now() });
  const care = careTable(client, tables.careTable, keyring);
  const pause = jitteredPause(Math.random, (milliseconds) => sleep(milliseconds));
  const writer = transactionWriter({
    ...tables,
    client,
    keyring,
    keysOf: (owner) => care.keysOf(owner),
    randomBytes,
    pause,
  });
  const pseudonyms = kmsPseudonyms(kms, tables.identityKeyArn);
  const audit = dynamoAuditRecords(client, tables.auditTable, care, kms);
  return {
    pseudonyms,
    audit,
    patients: dynamoPatients(care, writer, pseudonyms),
    erasures: dynamoErasures({ client, careTable: tables.careTable, care, writer, pause }),
    setAsides: dynamoSetAsides({ care, writer, rules: 'sha256:test', now: () => new Date().toISOString(), pause }),
    canaries: dynamoCanaries(client, tables.careTable),
    earlyAlerts: dynamoEarlyAlerts(client, tables.careTable),
    nights: dynamoNights({ care, writer, pause }),
    reviewIndex: dynamoReviewIndex(client, tables.careTable),
    reminderIndex: dynamoReminderIndex(client, tables.careTable),
    trialStops: dynamoTrialStops({ care, writer, pause }),
    alertIndex: dynamoAlertIndex(client, tables.careTable, care),
    alertClaims: dynamoAlertClaims(client, tables.careTable),
    morningMails: dynamoMorningMails({ care, writer, pause }),
    alertTokens: dynamoAlertTokens(client, tables.careTable, care),
    auditRecords: (chain: string) => audit.opened(chain),
  };
}

/** Every item of a table as it lies there. */
export async function rawItems(table: string): Promise<Record<string, AttributeValue>[]> {
  const items: Record<string, AttributeValue>[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await emulatedDynamoDB().send(
      new ScanCommand({ TableName: table, ...(from && { ExclusiveStartKey: from }) }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

async function createTable(
  client: DynamoDBClient,
  table: string,
  partition: [string, 'S'],
  sort: [string, 'S' | 'N'],
  due?: [string, string],
) {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partition[0], AttributeType: partition[1] },
        { AttributeName: sort[0], AttributeType: sort[1] },
        ...(due ?? []).map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      ],
      KeySchema: [
        { AttributeName: partition[0], KeyType: 'HASH' },
        { AttributeName: sort[0], KeyType: 'RANGE' },
      ],
      ...(due && {
        GlobalSecondaryIndexes: [
          {
            IndexName: 'due',
            Projection: { ProjectionType: 'KEYS_ONLY' as const },
            KeySchema: [
              { AttributeName: due[0], KeyType: 'HASH' as const },
              { AttributeName: due[1], KeyType: 'RANGE' as const },
            ],
          },
        ],
      }),
    }),
  );
}
