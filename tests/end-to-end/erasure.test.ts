import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListTopics, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { disclosures } from '../../bin/commands/audit-disclosures.ts';
import { expire } from '../../bin/commands/audit-expire.ts';
import { exportAudit } from '../../bin/commands/audit-export.ts';
import { nodeVerify, privateKeys } from '../../bin/commands/audit-keys.ts';
import { verifyBundle } from '../../bin/commands/audit-verify.ts';
import { showWhoSaw } from '../../bin/commands/audit-who-saw.ts';
import { eraseOnDeployment, holdOnDeployment } from '../../bin/commands/patients.ts';
import { functionEnvironment } from '../../bin/deployment.ts';
import { type Emulator, projectRoot } from '../../bin/emulator/emulator.ts';
import { emulatorPython } from '../../bin/emulator/install.ts';
import { exportPorts } from '../../functions/adapters/compose.ts';
import { KeysErased } from '../../functions/adapters/kms/keyring.ts';
import { askAddress, patientTopicArn } from '../../functions/adapters/sns/patient-topic.ts';
import { readTrustedKeys, verifierKey } from '../../functions/domain/checkpoint.ts';
import { days, later } from '../../functions/domain/instant.ts';
import { PatientErased } from '../../functions/ports/patients.ts';
import { executionsOf } from '../emulator/executions.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, deployedAlone, onBus } from './deployed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-erasure-'));
const gone = 'seed-patient-Yahoo';
const stays = 'seed-patient-Houyhnhnm';
const expires = 'seed-patient-Luggnagg';
const contact = { preferred: 'email', email: 'seed-yahoo@example.org' };
const options = { stage: 'local', clinic: 'clinic' };
const reason = 'asked for it in writing';

// Alone: a scan, a seal and a reconciliation of everything, with nobody else's patients among them.
let emulator: Emulator;
let stack: Deployed;
let outputs: Record<string, string>;
let id: string;
const find = async () => ({ stage: 'local', outputs });

beforeAll(async () => {
  const alone = await deployedAlone('erasure');
  emulator = alone.emulator;
  outputs = Object.assign({}, ...Object.values(alone.outputs));
  stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
  id = await stack.pseudonyms.patient(gone);
  for (const vendor of [gone, stays, expires]) await enrolled(vendor);
  const prefix = stack.output('PatientTopicPrefix');
  await askAddress({ client: new SNSClient({}), prefix, keyArn: '', senderName: undefined }, id, contact.email);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await emulator.stop();
});

let out: string;
let errors: string;
beforeEach(() => {
  [out, errors] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

const eventOf = (vendor: string, number: number, type: string, data: object) =>
  onBus({
    id: `${vendor}-${number}`,
    type,
    occurredAt: `2026-11-02T0${number}:00:00Z`,
    patient: vendor,
    data,
  } as never);

async function enrolled(vendor: string): Promise<void> {
  const ended = vendor === stays ? [] : [eventOf(vendor, 4, 'EnrolmentEnded', { reason: 'completed' })];
  const programme = { programme: 'depression', track: 'therapist-supported', therapist: 't-7' };
  await stack.bus.put([
    eventOf(vendor, 1, 'PatientEnrolled', { ...programme, timeZone: 'America/New_York', contact }),
    eventOf(vendor, 2, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }),
    eventOf(vendor, 3, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [1, 1, 1, 1, 1, 1, 1, 1, 0] }),
    ...ended,
  ]);
  const patient = await stack.pseudonyms.patient(vendor);
  await until('the events', async () => (await stack.patients.load(patient)).state.events === 3 + ended.length);
}

async function invoked(name: string): Promise<string> {
  const { FunctionError, Payload } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: stack.output(name), Payload: '{"step":"sweep"}' }),
  );
  expect(FunctionError).toBeUndefined();
  return new TextDecoder().decode(Payload);
}

async function ran(name: string): Promise<string> {
  const { status, error, cause, output } = await executionsOf(stack.output(name)).run();
  expect([status, error, cause]).toEqual(['SUCCEEDED', undefined, undefined]);
  return output ?? '';
}

async function everything(table: string): Promise<Record<string, AttributeValue>[]> {
  const client = new DynamoDBClient({});
  const items: Record<string, AttributeValue>[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: stack.output(table), ...(from && { ExclusiveStartKey: from }) }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

async function topics(): Promise<string[]> {
  const arns: string[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client: new SNSClient({}) }, {}))
    arns.push(...Topics.flatMap(({ TopicArn }) => TopicArn ?? []));
  return arns;
}

it('a legal hold stands against it until it is released', async () => {
  const topic = patientTopicArn(stack.output('PatientTopicPrefix'), id);
  expect(await topics()).toContain(topic);
  await holdOnDeployment({ ...options, patient: gone, reason: 'a subpoena' }, find, 'hold');
  await expect(eraseOnDeployment({ ...options, patient: gone, reason }, find)).rejects.toThrow('a legal hold stands');
  expect((await stack.patients.load(id)).state.events).toBe(4);
  await holdOnDeployment({ ...options, patient: gone, reason: 'the case is closed' }, find, 'release');
  await expect(eraseOnDeployment({ ...options, patient: stays, reason }, find)).rejects.toThrow('EnrolmentEnded');
  await expect(eraseOnDeployment({ ...options, patient: gone, reason: ' ' }, find)).rejects.toThrow('--reason');

  await eraseOnDeployment({ ...options, patient: gone, reason }, find);
  expect(out).toContain(`${id} was erased at `);
  await expect(stack.patients.load(id)).rejects.toBeInstanceOf(PatientErased);
  await expect(stack.audit.opened(id)).rejects.toBeInstanceOf(KeysErased);
  expect(await topics()).not.toContain(topic);
});

it('everything else goes on: scan, reminders, sweep and seal, and states and records are of one mind', async () => {
  expect(JSON.parse(await ran('NightlyRiskScanArn'))).toMatchObject({ setAside: 0, missed: 0 });
  await ran('ReminderRoundArn');
  expect(await invoked('AlertSweepFunction')).toMatch(/"failed": ?0/);
  await ran('AuditSealArn');
  expect(JSON.parse(await invoked('AuditReconcileFunction'))).toMatchObject({ discrepancies: 0 });
});

it('an export still verifies, and says of how many records the content was erased', async () => {
  const [file, keysFile] = [join(folder, 'all.ndjson'), join(folder, 'keys.json')];
  await ran('AuditSealArn');
  await exportAudit({ ...options, out: file, decrypt: keysFile, reason: 'a test' }, find);
  expect(out).toContain('the keys of 1 chains were erased');
  const ports = exportPorts(functionEnvironment(await find()));
  const { key } = await ports.signer();
  const basis = {
    keys: readTrustedKeys(verifierKey(stack.output('LogOrigin'), key)),
    verify: nodeVerify(),
    witness: null,
  };
  const report = await verifyBundle(createReadStream(file), basis, await privateKeys(keysFile));
  expect(report?.faults).toEqual([]);
  const records = (await stack.audit.stored(id)).length;
  expect(report?.notChecked[0]).toContain(`the content of ${records} records: erased`);
  const pem = join(folder, 'key.pem');
  const der = Buffer.from(key.der, 'hex').toString('base64');
  writeFileSync(pem, `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`);
  expect(spawnSync(emulatorPython, ['docs/verify.py', file, pem], { cwd: projectRoot })).toMatchObject({ status: 0 });
});

it('who asks about the patient learns who erased them and that the rest cannot be read', async () => {
  await showWhoSaw({ ...options, patient: gone }, find);
  expect(out).toContain('Erased your record.');
  expect(out).toContain('Made a list of who saw your record.');
  expect(errors).toContain(`${id}, record 1 (its content was erased)`);
  expect(process.exitCode).toBe(1);
  [out, errors] = ['', ''];
  await disclosures({ ...options, patient: gone }, find);
  expect(out).toContain('None.');
  expect(errors).toContain('its content was erased');
});

it('a later event makes nobody known again: it is set aside with the reason, until it is erased too', async () => {
  await stack.bus.put([eventOf(gone, 5, 'PatientEnrolled', { programme: 'depression', track: 'self-guided' })]);
  const waiting = await until('the message', async () => (await stack.setAsides.list())[0]);
  expect(waiting.reason).toContain('patient: was erased');
  await eraseOnDeployment({ ...options, patient: gone, reason }, find);
  expect(out).toContain('1 messages taken off the list');
  expect(await stack.setAsides.list()).toEqual([]);
});

it('nothing of the patient lies in the tables but the end of their chain, their sealed records and how far those are sealed', async () => {
  const items = (await everything('CareTable')).filter((item) => JSON.stringify(item).includes(id));
  const kinds = items.map(({ pk, sk }) => (pk?.S === id ? sk?.S : pk?.S?.replace(/#.*/, '')));
  expect(new Set(kinds.filter((kind) => kind !== 'night'))).toEqual(new Set(['head', 'sealed']));
  const all = JSON.stringify([await everything('CareTable'), await everything('AuditTable')]);
  for (const seed of [gone, contact.email, 'phq-9']) expect(all.includes(seed), seed).toBe(false);
});

it('what was kept for as long as it has to be goes the same way, and who is still enrolled stays', async () => {
  const [left, enrolledStill] = await Promise.all([expires, stays].map((vendor) => stack.pseudonyms.patient(vendor)));
  const inSevenYears = later(new Date().toISOString(), 7 * 366 * days);
  await expect(expire({ ...options, before: '2030-01-01' }, find)).rejects.toThrow('auditRetentionYears');
  await expire({ ...options }, find, inSevenYears);
  expect(out).toContain(`${left}  would be erased`);
  expect((await stack.patients.load(left ?? '')).state.events).toBe(4);
  await expire({ ...options, erase: true }, find, inSevenYears);
  expect(out).toContain(`${left}  erased`);
  expect(out).toContain(`${enrolledStill}  kept: the enrolment has not ended`);
  await expect(stack.patients.load(left ?? '')).rejects.toBeInstanceOf(PatientErased);
  expect((await stack.patients.load(enrolledStill ?? '')).state.events).toBe(3);
});
