import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { answerAlert } from '../../bin/alert-answers.ts';
import { subscribe } from '../../bin/commands/staff.ts';
import type { Deployment } from '../../bin/deployment.ts';
import type { Emulator } from '../../bin/emulator/emulator.ts';
import { emulatorAccount } from '../../bin/emulator/environment.ts';
import { shardOf } from '../../functions/adapters/shard.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import type { OpenedNight } from '../../functions/risk-scan/scan.ts';
import { followAlerts } from '../emulator/alert-driver.ts';
import { executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { zoneWhereItIs } from '../zone-at-hour.ts';
import { type Deployed, deployed, deployedAlone, onBus } from './deployed.ts';

// An emulator of its own, on which every function may do what its role says and nothing else.
let emulator: Emulator;
let stack: Deployed;
let lambda: LambdaClient;
let outputs: Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), 'tandem-roles-'));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  // The functions inherit what the emulator inherits, and this test reads what they log.
  delete process.env['POWERTOOLS_LOG_LEVEL'];
  const alone = await deployedAlone('roles', { auth: true });
  emulator = alone.emulator;
  outputs = Object.assign({}, ...Object.values(alone.outputs));
  stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
  lambda = new LambdaClient({ endpoint: emulator.endpoint });
});
afterAll(() => emulator.stop());

async function invoke(name: string, payload: unknown): Promise<{ failed: boolean; answer: unknown }> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: stack.output(name), Payload: JSON.stringify(payload) }),
  );
  return { failed: FunctionError !== undefined, answer: JSON.parse(new TextDecoder().decode(Payload)) };
}

/** The topic refuses what does not come over TLS, and the emulator has none: without this, no role would be looked at. */
async function allowPlainHttp(TopicArn: string): Promise<void> {
  const sns = new SNSClient({ endpoint: emulator.endpoint });
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  const policy = JSON.parse(Attributes?.['Policy'] ?? '') as { Statement: { Effect: string }[] };
  const AttributeValue = JSON.stringify({
    ...policy,
    Statement: policy.Statement.filter(({ Effect }) => Effect === 'Allow'),
  });
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
}

/**
 * The same for a bucket. The emulator does not know either whether a write asks that nothing stands there (`s3:if-none-match`), and
 * would refuse every write to the log. What else the policy refuses stays.
 */
async function allowPlainHttpTo(Bucket: string): Promise<void> {
  const s3 = new S3Client({});
  const policy = JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? '');
  const Statement = policy.Statement.filter(
    (one: object) => !/aws:SecureTransport|s3:if-none-match/.test(JSON.stringify(one)),
  );
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ ...policy, Statement }) }));
}

/**
 * AWS calls whoever took a role on by the role's ARN (`aws:PrincipalArn`), path and all. The emulator calls them by their session's,
 * which has no path, so the policy that lets a role in by its path has to name it in that way.
 */
async function nameBySession(KeyId: string, roleArn: string): Promise<void> {
  const kms = new KMSClient({});
  const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
  const [, path = '', name = ''] = /^(.*\/)(.*)$/.exec(roleArn) ?? [];
  expect(Policy).toContain(`${path}*`);
  const session = `arn:aws:sts::${emulatorAccount}:assumed-role/${name}/*`;
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: Policy.replace(`${path}*`, session) }));
}

/**
 * AWS asks whether a role may answer the tokens of the machine that gave them (so it says where it refuses one). The emulator looks
 * for the machine in the request, which names a token only, and asks for the right on everything.
 */
async function allowAnsweringAnyToken(name: string): Promise<void> {
  const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: stack.output(name) }));
  const Statement = [{ Effect: 'Allow', Action: 'states:SendTaskSuccess', Resource: '*' }];
  const Properties = {
    PolicyName: 'any-token',
    Roles: [Role.split('/').at(-1)],
    PolicyDocument: { Version: '2012-10-17', Statement },
  };
  const cloudFormation = new CloudFormationClient({});
  const StackName = 'any-token';
  const TemplateBody = JSON.stringify({ Resources: { Policy: { Type: 'AWS::IAM::Policy', Properties } } });
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }));
  await until('the policy', async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0]?.StackStatus === 'CREATE_COMPLETE';
  });
}

/** Makes a role that IAM lets do everything, as an account's administrators have it. */
async function administrator(): Promise<string> {
  const cloudFormation = new CloudFormationClient({});
  const role = (Effect: string, rest: object) => ({ Version: '2012-10-17', Statement: [{ Effect, ...rest }] });
  const Properties = {
    AssumeRolePolicyDocument: role('Allow', {
      Principal: { AWS: `arn:aws:iam::${emulatorAccount}:root` },
      Action: 'sts:AssumeRole',
    }),
    Policies: [{ PolicyName: 'everything', PolicyDocument: role('Allow', { Action: '*', Resource: '*' }) }],
  };
  const TemplateBody = JSON.stringify({
    Resources: { Role: { Type: 'AWS::IAM::Role', Properties } },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  });
  const StackName = 'administrators';
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM'] }));
  return until('the administrators’ role', async () => {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0]?.Outputs?.[0]?.OutputValue;
  });
}

/** Somebody at the command line who has taken a role on by a profile, as AWS's own tools do it. Import the command in `work`. */
async function withRole<T>(roleArn: string, work: (find: () => Promise<Deployment>) => Promise<T>): Promise<T> {
  const file = join(folder, `${roleArn.replaceAll(/\W/g, '-')}.ini`);
  const person = '[profile person]\naws_access_key_id = test\naws_secret_access_key = test\n';
  writeFileSync(file, `${person}[profile role]\nrole_arn = ${roleArn}\nsource_profile = person\n`);
  const environment = { AWS_PROFILE: 'role', AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
  // The clients of this process already have the credentials of the account.
  vi.resetModules();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return await work(async () => ({ stage: 'local', outputs }));
  } finally {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }
}

/** Runs `work` while one variable of a function names something of a neighbour's. */
function withVariable<T>(name: string, change: Record<string, string>, work: () => Promise<T>): Promise<T> {
  return withSettings(stack.output(name), { variables: change }, work);
}

const event = (patient: string) => ({
  id: `${patient}-1`,
  type: 'PatientActive' as const,
  occurredAt: '2026-03-02T09:00:00Z',
  patient,
  data: { kind: 'log-in' },
});

/** The same event as the queue hands it over. */
const queued = (patient: string) => {
  const { source, detailType, detail } = onBus(event(patient));
  const body = JSON.stringify({ source, 'detail-type': detailType, detail });
  return { Records: [{ messageId: 'm-1', body, eventSource: 'aws:sqs', attributes: {} }] };
};

describe('with its own role and no other', () => {
  it('the event intake takes an event, and the canary comes through', async () => {
    await stack.bus.put([onBus(event('role-1'))]);
    const id = await stack.pseudonyms.patient('role-1');
    await until('the event', async () => (await stack.patients.load(id)).version === 1);
    expect(await invoke('CanaryFunction', {})).toMatchObject({ failed: false });
  });

  it('the event intake is refused reading the audit, and writing it where only reading is its right', async () => {
    const table = { CARE_TABLE: stack.output('AuditTable') };
    const { answer } = await withVariable('EventIntakeFunction', table, () =>
      invoke('EventIntakeFunction', queued('role-2')),
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
    const log = await until('the log of the refusal', async () => {
      const text = readFileSync(emulator.logFile, 'utf8');
      return text.includes('left in the queue') && text;
    });
    expect(log).toMatch(/"message":"left in the queue".*"error":"AccessDeniedException"/);
    expect((await stack.patients.load(await stack.pseudonyms.patient('role-2'))).version).toBe(0);
    expect(await invoke('EventIntakeFunction', queued('role-2'))).toMatchObject({ answer: { batchItemFailures: [] } });
  });

  it('the canary is refused the audit table', async () => {
    const table = { CARE_TABLE: stack.output('AuditTable') };
    const { failed, answer } = await withVariable('CanaryFunction', table, () => invoke('CanaryFunction', {}));
    expect(failed).toBe(true);
    expect(JSON.stringify(answer)).toContain('not authorized to perform: dynamodb:GetItem');
  });

  it('the watchdog finds that no scan has run, and tells the operators on their topic and no other', async () => {
    await allowPlainHttp(stack.output('OperationsTopicArn'));
    const found = await invoke('ScanWatchdogFunction', {});
    expect(found).toMatchObject({ failed: false, answer: { shortfall: expect.stringContaining('did not start') } });
    const topic = { OPERATIONS_TOPIC_ARN: `${stack.output('OperationsTopicArn')}-of-a-neighbour` };
    const { answer } = await withVariable('ScanWatchdogFunction', topic, () => invoke('ScanWatchdogFunction', {}));
    expect(JSON.stringify(answer)).toContain('not authorized to perform: sns:Publish');
  });

  it('the scan opens a night, looks at whoever is due, and closes it', async () => {
    await stack.bus.put([onBus(event('role-3'))]);
    const id = await stack.pseudonyms.patient('role-3');
    await until('the event', async () => (await stack.patients.load(id)).version === 1);
    const opened = await invoke('RiskScanFunction', { step: 'open' });
    expect(opened).toMatchObject({ failed: false, answer: { done: false } });
    const { night, until: dueUntil, shards } = opened.answer as OpenedNight;
    for (const shard of shards) {
      const page = { step: 'shard', night, until: dueUntil, shard, cursor: null };
      expect(await invoke('RiskScanFunction', page)).toMatchObject({ failed: false, answer: { cursor: null } });
    }
    const closed = await invoke('RiskScanFunction', { step: 'close', night });
    expect(closed).toMatchObject({ failed: false, answer: { setAside: 0, missed: 0 } });
    expect((await stack.nights.lines(night)).map(({ patient }) => patient)).toContain(id);
  });

  it('the round of reminders asks who has opted out, sends by SMS, and notes it', async () => {
    const timeZone = zoneWhereItIs(Number(exampleClinic.programme.reminders?.preferredHour.slice(0, 2)));
    const occurredAt = later(new Date().toISOString(), -1 * hours);
    const contact = { preferred: 'sms', sms: '+12025550131' };
    const enrolment = { programme: 'depression', track: 'self-guided', timeZone, contact };
    await stack.bus.put([
      onBus({ ...event('role-4'), type: 'PatientEnrolled', occurredAt, data: enrolment }),
      onBus({ ...event('role-4'), id: 'role-4-2', type: 'ConsentGiven', occurredAt, data: { scopes: ['reminders'] } }),
    ]);
    const id = await stack.pseudonyms.patient('role-4');
    await until('the events', async () => (await stack.patients.load(id)).state.events === 2);
    const shard = { step: 'shard', shard: shardOf(id) };
    expect(await invoke('ReminderRoundFunction', shard)).toMatchObject({
      failed: false,
      answer: { sent: 1, leftDue: 0 },
    });
    expect((await stack.patients.load(id)).reminders).toMatchObject([{ kind: 'welcome', outcome: 'sent' }]);
  });

  it('the round of reminders is refused reading the audit', async () => {
    const table = { CARE_TABLE: stack.output('AuditTable') };
    const { answer } = await withVariable('ReminderRoundFunction', table, () =>
      invoke('ReminderRoundFunction', { step: 'shard', shard: 0 }),
    );
    expect(JSON.stringify(answer)).toContain('not authorized to perform: dynamodb:Query');
  });

  it('the scan is refused reading the audit', async () => {
    const table = { CARE_TABLE: stack.output('AuditTable') };
    const { answer } = await withVariable('RiskScanFunction', table, () =>
      invoke('RiskScanFunction', { step: 'close', night: '2026-03-08' }),
    );
    expect(JSON.stringify(answer)).toContain('not authorized to perform: dynamodb:GetItem');
  });

  it('the sealer seals what has grown, and is refused reading the audit', async () => {
    for (const bucket of ['LogBucket', 'StagingBucket']) await allowPlainHttpTo(stack.output(bucket));
    const FunctionName = stack.output('AuditSealFunction');
    const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    await nameBySession(stack.output('SigningKeyArn'), Role);
    const sealed = await invoke('AuditSealFunction', {});
    expect(sealed).toMatchObject({ failed: false, answer: { seal: 1, chains: expect.any(Number) } });
    const table = { CARE_TABLE: stack.output('AuditTable') };
    const reading = await withVariable('AuditSealFunction', table, () => invoke('AuditSealFunction', {}));
    expect(JSON.stringify(reading.answer)).toContain('not authorized to perform: dynamodb:GetItem');
    expect(await invoke('AuditSealFunction', {})).toMatchObject({ failed: false, answer: { seal: 2 } });
  });

  it('the driver starts an alert’s workflow, whose function writes to the person and waits, and ends it at the answer', async () => {
    const topic = `${stack.output('StaffTopicPrefix')}${staffTopicSuffix('s-1')}`;
    await allowPlainHttp(topic);
    await subscribe(
      new SNSClient({ endpoint: emulator.endpoint }),
      stack.output('StaffTopicPrefix'),
      exampleClinic,
      's-1',
    );
    await allowAnsweringAnyToken('AlertDriverFunction');
    const { id, alertId } = await urgentAlert('role-5');
    const current = async () => (await stack.patients.load(id)).alerts.find((one) => one.id === alertId);
    await followAlerts(stack.output('AlertDriverFunction'));
    await until('the mail to be noted', async () =>
      (await current())?.history.kept.some(({ what }) => what === 'sent: e-mail to s-1'),
    );
    const runs = executionsOf(stack.output('TherapistAlertArn'));
    const execution = stack.output('TherapistAlertArn').replace(':stateMachine:', ':execution:').concat(`:${alertId}`);
    await until('the wait', async () => (await runs.states(execution)).at(-1)?.startsWith('Wait a quarter of an hour'));
    const answer = { kind: 'resolve', by: 's-1', source: 'command line', outcome: { code: 'reached' } } as const;
    const version = (await current())?.version ?? 0;
    await answerAlert(stack, alertId, { ...answer, version }, new Date().toISOString());
    expect(await runs.ended(execution)).toMatchObject({ status: 'SUCCEEDED' });
    expect((await runs.states(execution)).at(-1)).toBe('It is closed');
    await followAlerts(stack.output('AlertDriverFunction'), false);
  });

  it('the driver is refused a neighbour’s workflow, and the workflow’s function somebody’s topic of a neighbour', async () => {
    const { id, alertId } = await urgentAlert('role-6');
    const record = { eventID: '1', dynamodb: { Keys: { pk: { S: id }, sk: { S: `alert#${alertId}` } } } };
    const machine = { ALERT_MACHINE_ARN: `${stack.output('TherapistAlertArn')}-of-a-neighbour` };
    await withVariable('AlertDriverFunction', machine, () => invoke('AlertDriverFunction', { Records: [record] }));
    await until('the log of the refusal', async () =>
      /"message":"left in the stream".*"error":"WorkflowOutOfReach"/.test(readFileSync(emulator.logFile, 'utf8')),
    );
    const topics = { STAFF_TOPIC_PREFIX: 'arn:aws:sns:eu-north-1:000000000000:a-neighbour-' };
    const { answer } = await withVariable('AlertSweepFunction', topics, () =>
      invoke('AlertSweepFunction', { step: 'sweep' }),
    );
    expect(answer).toMatchObject({ sent: 0, undeliverable: 0, failed: 1 });
    const { outbox } = (await stack.patients.load(id)).alerts.find((one) => one.id === alertId) ?? {};
    expect(outbox).toMatchObject([{ to: 's-1' }]);
  });
});

describe('the audit is opened', () => {
  const options = { stage: 'local', clinic: 'clinic' };
  const exporting = async (name: string, find: () => Promise<Deployment>) => {
    const { exportAudit } = await import('../../bin/commands/audit-export.ts');
    const files = { out: join(folder, `${name}.ndjson`), decrypt: join(folder, `${name}.keys.json`) };
    await exportAudit({ ...options, ...files, reason: 'a test' }, find);
    return files;
  };

  it('by the role for exports: an export, its own record, and the keys that open it', async () => {
    await nameBySession(stack.output('AuditKeyArn'), stack.output('AuditExportRoleArn'));
    const { out, decrypt } = await withRole(stack.output('AuditExportRoleArn'), (find) => exporting('role', find));
    const id = await stack.pseudonyms.patient('role-1');
    expect(readFileSync(out, 'utf8')).toContain(`"chain":"${id}","sequence":1`);
    expect(JSON.parse(readFileSync(decrypt, 'utf8'))[id]).toMatchObject({ kty: 'EC', d: expect.any(String) });
  });

  it('by the role for exports: the compliance officer’s questions, each recorded in the patient’s chain', async () => {
    const id = await stack.pseudonyms.patient('role-1');
    const { version } = await stack.patients.load(id);
    await withRole(stack.output('AuditExportRoleArn'), async (find) => {
      const { showWhoSaw } = await import('../../bin/commands/audit-who-saw.ts');
      const { review } = await import('../../bin/commands/audit-review.ts');
      await showWhoSaw({ ...options, patient: 'role-1' }, find);
      await review({ ...options, from: '2026-03-01T00:00:00Z' }, find);
    });
    expect((await stack.patients.load(id)).version).toBe(version + 1);
  });

  it('by nobody else: the key refuses even an administrator, whom IAM lets do everything', async () => {
    const roleArn = await administrator();
    await expect(withRole(roleArn, (find) => exporting('administrator', find))).rejects.toThrow(/kms:Decrypt/);
    // Everything but the keys: what is encrypted, and its own record, under keys that IAM gives them.
    expect(readFileSync(join(folder, 'administrator.ndjson'), 'utf8')).toContain('"manifest"');
  });
});

async function urgentAlert(patient: string): Promise<{ id: string; alertId: string }> {
  const enrolment = {
    programme: 'depression',
    track: 'therapist-supported',
    therapist: 's-1',
    timeZone: 'America/New_York',
  };
  await stack.bus.put([
    onBus({ ...event(patient), type: 'PatientEnrolled', data: enrolment }),
    onBus({
      ...event(patient),
      id: `${patient}-2`,
      type: 'QuestionnaireSubmitted',
      data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] },
    }),
  ]);
  const id = await stack.pseudonyms.patient(patient);
  const alert = await until('the alert', async () => {
    const { state, alerts } = await stack.patients.load(id);
    return state.events === 2 && alerts.find(({ tier }) => tier === 'urgent');
  });
  return { id, alertId: alert.id };
}
