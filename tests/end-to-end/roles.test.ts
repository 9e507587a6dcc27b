import { readFileSync } from 'node:fs';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../bin/emulator/emulator.ts';
import { shardOf } from '../../functions/adapters/shard.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import type { OpenedNight } from '../../functions/risk-scan/scan.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { zoneWhereItIs } from '../zone-at-hour.ts';
import { type Deployed, deployed, deployedAlone, onBus } from './deployed.ts';

// An emulator of its own, on which every function may do what its role says and nothing else.
let emulator: Emulator;
let stack: Deployed;
let lambda: LambdaClient;

beforeAll(async () => {
  // The functions inherit what the emulator inherits, and this test reads what they log.
  delete process.env['POWERTOOLS_LOG_LEVEL'];
  const alone = await deployedAlone('roles', { auth: true });
  const { outputs } = alone;
  emulator = alone.emulator;
  stack = deployed({ endpoint: emulator.endpoint, outputs });
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

/** Runs `work` while one variable of a function names something of a neighbour's. */
async function withVariable<T>(name: string, change: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const FunctionName = stack.output(name);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const set = (Variables: Record<string, string>) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  await set({ ...Environment?.Variables, ...change });
  try {
    return await work();
  } finally {
    await set({ ...Environment?.Variables });
  }
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
});
