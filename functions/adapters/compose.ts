import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clinic } from '../domain/clinic.ts';
import { jitteredPause, type Pause } from '../load-decide-commit.ts';
import type { SealStore } from '../ports/seal-store.ts';
import { dynamoDBClient, eventBridgeClient, kmsClient, s3Client, snsClient } from './clients.ts';
import { readClinicFile } from './clinic-file.ts';
import { dynamoAlertClaims } from './dynamodb/alert-claims.ts';
import { dynamoAlertIndex } from './dynamodb/alert-index.ts';
import { dynamoAuditJournal } from './dynamodb/audit-journal.ts';
import { type AuditRecords, dynamoAuditRecords } from './dynamodb/audit-records.ts';
import { dynamoCanaries } from './dynamodb/canaries.ts';
import { careItems, careTable } from './dynamodb/care-table.ts';
import { dynamoChangedChains } from './dynamodb/changed-chains.ts';
import { dynamoNightAccounts, dynamoNights } from './dynamodb/nights.ts';
import { dynamoPatients } from './dynamodb/patients.ts';
import { dynamoReviewIndex } from './dynamodb/review-index.ts';
import { dynamoSetAsides } from './dynamodb/set-asides.ts';
import { toKeys } from './dynamodb/stored-item.ts';
import { dynamoStoredRecords } from './dynamodb/stored-records.ts';
import { transactionWriter } from './dynamodb/transaction.ts';
import {
  alertEnvironment,
  canaryEnvironment,
  exportEnvironment,
  intakeEnvironment,
  operatorEnvironment,
  readEnvironment,
  scanEnvironment,
  sealEnvironment,
  watchdogEnvironment,
} from './environment.ts';
import { eventBridgeBus } from './eventbridge/bus.ts';
import { auditPrivateJwk } from './kms/audit-reader.ts';
import { kmsKeyring } from './kms/keyring.ts';
import { kmsPseudonyms } from './kms/pseudonyms.ts';
import { kmsSigner } from './kms/signer.ts';
import { s3SealStore } from './s3/seal-store.ts';
import { snsAlertMail } from './sns/alert-mail.ts';
import { snsOperators } from './sns/operators.ts';
import { mayPass } from './transient.ts';

const now = () => new Date().toISOString();

type Environment = Readonly<Record<string, string | undefined>>;

const pause: Pause = jitteredPause(Math.random, (milliseconds) => sleep(milliseconds));

/** What the event intake works with. Called once per process: keys and connections live as long as that. */
export function intakePorts(environment: Environment) {
  const settings = readEnvironment(intakeEnvironment, environment);
  return tablePorts(settings, tables(settings), readClinicFile(settings));
}

/** What the canary works with. */
export function canaryPorts(environment: Environment) {
  const { BUS_NAME, CARE_TABLE } = readEnvironment(canaryEnvironment, environment);
  return {
    bus: eventBridgeBus({ client: eventBridgeClient(), busName: BUS_NAME, pause }),
    canaries: dynamoCanaries(dynamoDBClient(), CARE_TABLE),
  };
}

/** What the command line works with, on a deployment, with the rights of whoever calls it. */
export function operatorPorts(environment: Environment, clinic: Clinic) {
  const settings = readEnvironment(operatorEnvironment, environment);
  const { AUDIT_TABLE, CARE_TABLE, BUS_NAME } = settings;
  const over = tables(settings);
  const audit: AuditRecords = dynamoAuditRecords(
    dynamoDBClient(),
    AUDIT_TABLE,
    careItems(dynamoDBClient(), CARE_TABLE),
    kmsClient(),
  );
  return {
    ...tablePorts(settings, over, clinic),
    nights: dynamoNights({ ...over, pause }),
    alertIndex: dynamoAlertIndex(dynamoDBClient(), CARE_TABLE, over.care),
    bus: eventBridgeBus({ client: eventBridgeClient(), busName: BUS_NAME, pause }),
    audit,
  };
}

interface TableSettings {
  readonly CARE_TABLE: string;
  readonly AUDIT_TABLE: string;
  readonly CARE_KEY_ARN: string;
  readonly AUDIT_KEY_ARN: string;
}

/** What the nightly scan works with. It never sees an id of the vendor, so it has no key for pseudonyms. */
export function scanPorts(environment: Environment) {
  const settings = readEnvironment(scanEnvironment, environment);
  const clinic = readClinicFile(settings);
  const { care, writer } = tables(settings);
  return {
    patients: dynamoPatients(care, writer, noPseudonyms),
    nights: dynamoNights({ care, writer, pause }),
    reviewIndex: dynamoReviewIndex(dynamoDBClient(), settings.CARE_TABLE),
    clinic,
    pause,
    now,
    mayPass,
  };
}

/** What the watchdog works with: it reads, and it tells. */
export function watchdogPorts(environment: Environment) {
  const settings = readEnvironment(watchdogEnvironment, environment);
  const client = dynamoDBClient();
  return {
    nights: dynamoNightAccounts(careItems(client, settings.CARE_TABLE)),
    reviewIndex: dynamoReviewIndex(client, settings.CARE_TABLE),
    operators: snsOperators(snsClient(), settings.OPERATIONS_TOPIC_ARN),
    clinic: readClinicFile(settings),
  };
}

/** What the sweep of alerts works with. */
export function alertPorts(environment: Environment) {
  const settings = readEnvironment(alertEnvironment, environment);
  const clinic = readClinicFile(settings);
  const { care, writer } = tables(settings);
  const client = dynamoDBClient();
  return {
    patients: dynamoPatients(care, writer, noPseudonyms),
    alertIndex: dynamoAlertIndex(client, settings.CARE_TABLE, care),
    alertClaims: dynamoAlertClaims(client, settings.CARE_TABLE),
    alertMail: snsAlertMail({
      client: snsClient(),
      topicPrefix: settings.STAFF_TOPIC_PREFIX,
      plan: clinic.escalation,
      pace: () => sleep(millisecondsBetweenMails),
    }),
    operators: snsOperators(snsClient(), settings.OPERATIONS_TOPIC_ARN),
    clinic,
    pause,
    now,
    newHolder: randomUUID,
  };
}

/** Fewer than the ten a second from which on SNS stops delivering to an address (SNS quotas, e-mail). */
const millisecondsBetweenMails = 150;

function sealStore(settings: {
  readonly CARE_TABLE: string;
  readonly LOG_BUCKET: string;
  readonly STAGING_BUCKET: string;
}): SealStore {
  return s3SealStore({
    s3: s3Client(),
    dynamoDB: dynamoDBClient(),
    careTable: settings.CARE_TABLE,
    logBucket: settings.LOG_BUCKET,
    stagingBucket: settings.STAGING_BUCKET,
  });
}

/** What the sealer works with: it reads no record, only how far each chain has grown. */
export async function sealPorts(environment: Environment) {
  const settings = readEnvironment(sealEnvironment, environment);
  const { CARE_TABLE, LOG_ORIGIN, LOG_SINCE } = settings;
  const client = dynamoDBClient();
  return {
    store: sealStore(settings),
    chains: dynamoChangedChains(client, CARE_TABLE, careItems(client, CARE_TABLE)),
    signers: [await kmsSigner(kmsClient(), settings.SIGNING_KEY_ARN)],
    terms: {
      origin: LOG_ORIGIN,
      since: LOG_SINCE,
      rules: readClinicFile(settings).hash,
      zones: process.versions['tz'] ?? 'unknown',
      nextKey: null,
    },
  };
}

/** What an export of the audit works with, with the rights of whoever calls it. */
export function exportPorts(environment: Environment) {
  const settings = readEnvironment(exportEnvironment, environment);
  const { AUDIT_TABLE, SIGNING_KEY_ARN, IDENTITY_KEY_ARN } = settings;
  const client = dynamoDBClient();
  const { care, writer } = tables(settings);
  return {
    store: sealStore(settings),
    records: (withContent: boolean) => dynamoStoredRecords(client, AUDIT_TABLE, withContent),
    journal: dynamoAuditJournal({ care, writer, pause }),
    signer: () => kmsSigner(kmsClient(), SIGNING_KEY_ARN),
    pseudonyms: kmsPseudonyms(kmsClient(), IDENTITY_KEY_ARN),
    /** Null where the chain's keys were erased. */
    privateJwk: async (chain: string) => {
      const keys = await care.item(chain, 'keys');
      return keys === undefined ? null : auditPrivateJwk(kmsClient(), chain, toKeys(keys).audit);
    },
    /** No secret: CloudTrail names it beside whatever was done with it. */
    accessKeyId: async () => (await client.config.credentials()).accessKeyId,
  };
}

const noPseudonyms = {
  event: (): Promise<string> =>
    Promise.reject(new Error('this function takes no events, so it has no key for their ids')),
};

function tables(settings: TableSettings) {
  const client = dynamoDBClient();
  const keyring = kmsKeyring(kmsClient(), {
    careKeyArn: settings.CARE_KEY_ARN,
    auditKeyArn: settings.AUDIT_KEY_ARN,
    now: () => performance.now(),
  });
  const care = careTable(client, settings.CARE_TABLE, keyring);
  const writer = transactionWriter({
    client,
    careTable: settings.CARE_TABLE,
    auditTable: settings.AUDIT_TABLE,
    keyring,
    keysOf: (owner) => care.keysOf(owner),
    randomBytes,
    pause,
  });
  return { care, writer };
}

function tablePorts(
  settings: TableSettings & { readonly IDENTITY_KEY_ARN: string },
  { care, writer }: ReturnType<typeof tables>,
  clinic: Clinic,
) {
  const pseudonyms = kmsPseudonyms(kmsClient(), settings.IDENTITY_KEY_ARN);
  return {
    patients: dynamoPatients(care, writer, pseudonyms),
    pseudonyms,
    setAsides: dynamoSetAsides({ care, writer, rules: clinic.hash, now, pause }),
    canaries: dynamoCanaries(dynamoDBClient(), settings.CARE_TABLE),
    clinic,
    pause,
  };
}
