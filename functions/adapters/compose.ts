import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clinic } from '../domain/clinic.ts';
import { jitteredPause, type Pause } from '../load-decide-commit.ts';
import { dynamoDBClient, eventBridgeClient, kmsClient } from './clients.ts';
import { readClinicFile } from './clinic-file.ts';
import { type AuditRecords, dynamoAuditRecords } from './dynamodb/audit-records.ts';
import { dynamoCanaries } from './dynamodb/canaries.ts';
import { careItem, careTable } from './dynamodb/care-table.ts';
import { dynamoPatients } from './dynamodb/patients.ts';
import { dynamoSetAsides } from './dynamodb/set-asides.ts';
import { transactionWriter } from './dynamodb/transaction.ts';
import { canaryEnvironment, intakeEnvironment, operatorEnvironment, readEnvironment } from './environment.ts';
import { eventBridgeBus } from './eventbridge/bus.ts';
import { kmsKeyring } from './kms/keyring.ts';
import { kmsPseudonyms } from './kms/pseudonyms.ts';

const now = () => new Date().toISOString();

type Environment = Readonly<Record<string, string | undefined>>;

const pause: Pause = jitteredPause(Math.random, (milliseconds) => sleep(milliseconds));

/** What the event intake works with. Called once per process: keys and connections live as long as that. */
export function intakePorts(environment: Environment) {
  const settings = readEnvironment(intakeEnvironment, environment);
  return tablePorts(settings, readClinicFile(settings));
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
  const audit: AuditRecords = dynamoAuditRecords(
    dynamoDBClient(),
    AUDIT_TABLE,
    careItem(dynamoDBClient(), CARE_TABLE),
    kmsClient(),
  );
  return {
    ...tablePorts(settings, clinic),
    bus: eventBridgeBus({ client: eventBridgeClient(), busName: BUS_NAME, pause }),
    audit,
  };
}

interface TableSettings {
  readonly CARE_TABLE: string;
  readonly AUDIT_TABLE: string;
  readonly CARE_KEY_ARN: string;
  readonly AUDIT_KEY_ARN: string;
  readonly IDENTITY_KEY_ARN: string;
}

function tablePorts(settings: TableSettings, clinic: Clinic) {
  const client = dynamoDBClient();
  const kms = kmsClient();
  const keyring = kmsKeyring(kms, {
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
  const pseudonyms = kmsPseudonyms(kms, settings.IDENTITY_KEY_ARN);
  return {
    patients: dynamoPatients(care, writer, pseudonyms),
    pseudonyms,
    setAsides: dynamoSetAsides({ care, writer, rules: clinic.hash, now, pause }),
    canaries: dynamoCanaries(client, settings.CARE_TABLE),
    clinic,
    pause,
  };
}
