import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { Clinic } from '../domain/clinic.ts';
import { jitteredPause, type Pause } from '../load-decide-commit.ts';
import type { SealStore } from '../ports/seal-store.ts';
import {
  dynamoDBClient,
  eventBridgeClient,
  kmsClient,
  publishingClient,
  s3Client,
  sfnClient,
  snsClient,
} from './clients.ts';
import { readClinicFile } from './clinic-file.ts';
import { dynamoAlertClaims } from './dynamodb/alert-claims.ts';
import { dynamoAlertIndex } from './dynamodb/alert-index.ts';
import { dynamoAlertTokens } from './dynamodb/alert-tokens.ts';
import { dynamoAuditJournal } from './dynamodb/audit-journal.ts';
import { type AuditRecords, dynamoAuditRecords } from './dynamodb/audit-records.ts';
import { dynamoCanaries } from './dynamodb/canaries.ts';
import { careItems, careTable } from './dynamodb/care-table.ts';
import { dynamoChangedChains } from './dynamodb/changed-chains.ts';
import { dynamoEarlyAlerts } from './dynamodb/early-alerts.ts';
import { dynamoErasures } from './dynamodb/erasure.ts';
import { dynamoMorningMails } from './dynamodb/morning-mails.ts';
import { dynamoNightAccounts, dynamoNights } from './dynamodb/nights.ts';
import { dynamoPatients } from './dynamodb/patients.ts';
import { dynamoReminderIndex } from './dynamodb/reminder-index.ts';
import { dynamoReviewIndex } from './dynamodb/review-index.ts';
import { dynamoSetAsides } from './dynamodb/set-asides.ts';
import { dynamoStandings } from './dynamodb/standings.ts';
import { toKeys } from './dynamodb/stored-item.ts';
import { dynamoStoredRecords } from './dynamodb/stored-records.ts';
import { transactionWriter } from './dynamodb/transaction.ts';
import { dynamoTrialStops } from './dynamodb/trial-stops.ts';
import {
  alertApiEnvironment,
  alertDriverEnvironment,
  alertEnvironment,
  alertWorkflowEnvironment,
  authorizerEnvironment,
  canaryEnvironment,
  consoleEnvironment,
  exportEnvironment,
  intakeEnvironment,
  operatorEnvironment,
  readEnvironment,
  reconcileEnvironment,
  reminderEnvironment,
  scanEnvironment,
  sealEnvironment,
  vendorDoorEnvironment,
  watchdogEnvironment,
} from './environment.ts';
import { eventBridgeBus } from './eventbridge/bus.ts';
import { auditPrivateJwk } from './kms/audit-reader.ts';
import { kmsKeyring } from './kms/keyring.ts';
import { kmsPseudonyms } from './kms/pseudonyms.ts';
import { kmsSigner } from './kms/signer.ts';
import { oidcTokens } from './oidc/tokens.ts';
import { readPageFiles } from './page-files.ts';
import { s3SealStore } from './s3/seal-store.ts';
import { snsAlertMail } from './sns/alert-mail.ts';
import { snsOperators } from './sns/operators.ts';
import { snsReminderChannels } from './sns/reminder-channels.ts';
import { stepFunctionsAlertWorkflow } from './stepfunctions/alert-workflow.ts';
import { within } from './time-limit.ts';
import { mayPass } from './transient.ts';
import { turns } from './turns.ts';

const now = () => new Date().toISOString();

type Environment = Readonly<Record<string, string | undefined>>;

const pause: Pause = jitteredPause(Math.random, (milliseconds) => sleep(milliseconds));

/** What the event intake works with. Called once per process: keys and connections live as long as that. */
export function intakePorts(environment: Environment) {
  const settings = readEnvironment(intakeEnvironment, environment);
  const clinic = readClinicFile(settings);
  return {
    ...tablePorts(settings, tables(settings), clinic),
    ...staffMailPorts(settings, clinic),
    earlyAlerts: dynamoEarlyAlerts(dynamoDBClient(), settings.CARE_TABLE),
    soon: within(4000),
  };
}

/** What the canary works with. */
export function canaryPorts(environment: Environment) {
  const { BUS_NAME, CARE_TABLE } = readEnvironment(canaryEnvironment, environment);
  return {
    bus: eventBridgeBus({ client: eventBridgeClient(), busName: BUS_NAME, pause }),
    canaries: dynamoCanaries(dynamoDBClient(), CARE_TABLE),
  };
}

/** What the vendor's door works with: it reads, and puts on the bus. */
export function vendorDoorPorts(environment: Environment) {
  const settings = readEnvironment(vendorDoorEnvironment, environment);
  return {
    bus: eventBridgeBus({ client: eventBridgeClient(), busName: settings.BUS_NAME, pause }),
    clinic: readClinicFile(settings),
  };
}

/** What the function that serves the care team's page works with. */
export function consolePorts(environment: Environment) {
  const settings = readEnvironment(consoleEnvironment, environment);
  const { SIGN_IN_ORIGINS, LAMBDA_TASK_ROOT = '.', PAGE_FOLDER = join(LAMBDA_TASK_ROOT, 'page') } = settings;
  return { page: readPageFiles(PAGE_FOLDER), connectTo: SIGN_IN_ORIGINS.split(' ') };
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
    erasures: dynamoErasures({ client: dynamoDBClient(), careTable: CARE_TABLE, ...over, pause }),
    alertIndex: dynamoAlertIndex(dynamoDBClient(), CARE_TABLE, over.care),
    reviewIndex: dynamoReviewIndex(dynamoDBClient(), CARE_TABLE),
    trialStops: dynamoTrialStops({ ...over, pause }),
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

/** What the reconciliation of states with records works with: it reads neither, only how they are numbered and chained. */
export function reconcilePorts(environment: Environment) {
  const settings = readEnvironment(reconcileEnvironment, environment);
  return {
    ...reconcilePortsOf(settings),
    operators: snsOperators(snsClient(), settings.OPERATIONS_TOPIC_ARN),
    stage: readClinicFile(settings).settings.deployment.stage,
    now,
  };
}

/** The same over any two tables, such as one that was restored. */
export function reconcilePortsOf({
  CARE_TABLE,
  AUDIT_TABLE,
}: {
  readonly CARE_TABLE: string;
  readonly AUDIT_TABLE: string;
}) {
  const client = dynamoDBClient();
  return {
    standings: dynamoStandings(careItems(client, CARE_TABLE)),
    records: dynamoStoredRecords(client, AUDIT_TABLE, false),
    reviewIndex: dynamoReviewIndex(client, CARE_TABLE),
  };
}

/** What the sweep of alerts works with. */
export function alertPorts(environment: Environment) {
  const settings = readEnvironment(alertEnvironment, environment);
  const over = tables(settings);
  return {
    ...alertPortsOver(settings, over),
    nights: dynamoNights({ ...over, pause }),
    morningMails: dynamoMorningMails({ ...over, pause }),
  };
}

/** What the steps of an alert's workflow work with: as the sweep, and how the workflow is woken. */
export function alertWorkflowPorts(environment: Environment) {
  const settings = readEnvironment(alertWorkflowEnvironment, environment);
  const over = tables(settings);
  return {
    ...alertPortsOver(settings, over),
    alertTokens: dynamoAlertTokens(dynamoDBClient(), settings.CARE_TABLE, over.care),
    alertWorkflow: stepFunctionsAlertWorkflow({ client: sfnClient(), machineArn: settings.ALERT_MACHINE_ARN }),
  };
}

/** What starts and wakes the workflows of alerts works with. */
export function alertDriverPorts(environment: Environment) {
  const settings = readEnvironment(alertDriverEnvironment, environment);
  const client = dynamoDBClient();
  const care = careTable(client, settings.CARE_TABLE, keyringOf(settings));
  return {
    alertIndex: dynamoAlertIndex(client, settings.CARE_TABLE, care),
    alertTokens: dynamoAlertTokens(client, settings.CARE_TABLE, care),
    alertWorkflow: stepFunctionsAlertWorkflow({ client: sfnClient(), machineArn: settings.ALERT_MACHINE_ARN }),
  };
}

function alertPortsOver(settings: z.output<typeof alertEnvironment>, { care, writer }: ReturnType<typeof tables>) {
  const clinic = readClinicFile(settings);
  const client = dynamoDBClient();
  return {
    patients: dynamoPatients(care, writer, noPseudonyms),
    alertIndex: dynamoAlertIndex(client, settings.CARE_TABLE, care),
    alertClaims: dynamoAlertClaims(client, settings.CARE_TABLE),
    ...staffMailPorts(settings, clinic),
    clinic,
    pause,
    now,
    newHolder: randomUUID,
    pageUrl: settings.PAGE_URL,
  };
}

/** How the staff and the operators are written to. */
function staffMailPorts(
  settings: { readonly STAFF_TOPIC_PREFIX: string; readonly OPERATIONS_TOPIC_ARN: string },
  clinic: Clinic,
) {
  return {
    alertMail: snsAlertMail({
      client: snsClient(),
      topicPrefix: settings.STAFF_TOPIC_PREFIX,
      plan: clinic.escalation,
      pace: () => sleep(millisecondsBetweenMails),
    }),
    operators: snsOperators(snsClient(), settings.OPERATIONS_TOPIC_ARN),
  };
}

/** What the round of reminders works with. */
export function reminderPorts(environment: Environment) {
  const settings = readEnvironment(reminderEnvironment, environment);
  const clinic = readClinicFile(settings);
  const { care, writer } = tables(settings);
  const { sending } = clinic.settings;
  return {
    patients: dynamoPatients(care, writer, noPseudonyms),
    reminderIndex: dynamoReminderIndex(dynamoDBClient(), settings.CARE_TABLE),
    /** Names everyone known, for a trial of reminders. */
    reviewIndex: dynamoReviewIndex(dynamoDBClient(), settings.CARE_TABLE),
    trialStops: dynamoTrialStops({ care, writer, pause }),
    reminderChannels: snsReminderChannels({
      client: snsClient(),
      publisher: publishingClient(),
      topics: { prefix: settings.PATIENT_TOPIC_PREFIX, keyArn: settings.PATIENT_TOPIC_KEY_ARN },
      sending,
    }),
    clinic,
    pause,
    pace: turns(sending.perSecond, sleep),
    now,
    mayPass,
  };
}

/** What the check of sign-ins works with. */
export function authorizerPorts(environment: Environment) {
  const settings = readEnvironment(authorizerEnvironment, environment);
  const { care, writer } = tables(settings);
  return {
    tokens: oidcTokens(
      {
        issuer: settings.SIGN_IN_ISSUER,
        clientId: settings.SIGN_IN_CLIENT_ID,
        audience: settings.SIGN_IN_AUDIENCE ?? null,
        staffClaim: settings.SIGN_IN_STAFF_CLAIM,
        rolesClaim: settings.SIGN_IN_ROLES_CLAIM,
      },
      () => new Date(),
    ),
    journal: dynamoAuditJournal({ care, writer, pause }),
    rules: readClinicFile(settings).hash,
    now,
    newId: randomUUID,
  };
}

/** What the function behind the care team's page works with. */
export function alertApiPorts(environment: Environment) {
  const settings = readEnvironment(alertApiEnvironment, environment);
  const { care, writer } = tables(settings);
  return {
    patients: dynamoPatients(care, writer, noPseudonyms),
    alertIndex: dynamoAlertIndex(dynamoDBClient(), settings.CARE_TABLE, care),
    journal: dynamoAuditJournal({ care, writer, pause }),
    clinic: readClinicFile(settings),
    signIn: {
      issuer: settings.SIGN_IN_ISSUER,
      clientId: settings.SIGN_IN_CLIENT_ID,
      scope: settings.SIGN_IN_SCOPE,
    },
    pause,
    now,
    newId: randomUUID,
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
    /** Names every patient who is known, for questions about all of them. */
    reviewIndex: dynamoReviewIndex(client, settings.CARE_TABLE),
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

function keyringOf(settings: Pick<TableSettings, 'CARE_KEY_ARN' | 'AUDIT_KEY_ARN'>) {
  return kmsKeyring(kmsClient(), {
    careKeyArn: settings.CARE_KEY_ARN,
    auditKeyArn: settings.AUDIT_KEY_ARN,
    now: () => performance.now(),
  });
}

function tables(settings: TableSettings) {
  const client = dynamoDBClient();
  const keyring = keyringOf(settings);
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
