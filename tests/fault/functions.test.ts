import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { functionEnvironment } from '../../bin/deployment.ts';
import { exportPorts, reconcilePortsOf } from '../../functions/adapters/compose.ts';
import { decideReminderRound } from '../../functions/domain/decide-reminder.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import { nightAt } from '../../functions/domain/night.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import { reconcile } from '../../functions/domain/reconciliation.ts';
import { checkpointOf } from '../../functions/domain/seal.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { type FaultRule, type Fired, faultsAt } from '../emulator/fault-proxy.ts';
import { inboxOfStaff } from '../emulator/inbox.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, onBus } from '../end-to-end/deployed.ts';
import { exampleClinic } from '../example-clinic.ts';
import { zoneWhereItIs } from '../zone-at-hour.ts';
import { conflict, throughProxy } from './through-proxy.ts';

const proxy = inject('faultProxy');

describe.skipIf(proxy === null)('functions whose calls go wrong', () => {
  const faults = faultsAt(proxy ?? '');
  let stack: Deployed;
  let lambda: LambdaClient;
  let sqs: SQSClient;
  let scan: Executions;
  let round: Executions;
  let sealing: Executions;
  let environment: Record<string, string>;

  beforeAll(async () => {
    stack = deployed();
    lambda = new LambdaClient({});
    sqs = new SQSClient({});
    scan = executionsOf(stack.output('NightlyRiskScanArn'));
    round = executionsOf(stack.output('ReminderRoundArn'));
    sealing = executionsOf(stack.output('AuditSealArn'));
    const outputs = Object.assign({}, ...Object.values(inject('emulator').outputs)) as Record<string, string>;
    environment = functionEnvironment({ stage: 'local', outputs });
    await throughProxy(stack, proxy ?? '', ['EventIntake', 'RiskScan', 'AlertSweep', 'ReminderRound', 'AuditSeal']);
  });

  const event = (patient: string, number: number, type: string, data: unknown) =>
    onBus({
      id: `${patient}-${number}`,
      type,
      occurredAt: `2026-03-02T0${number}:00:00Z`,
      patient,
      data,
    } as never);
  const logIn = (patient: string, number: number) => event(patient, number, 'PatientActive', { kind: 'log-in' });

  /** Puts them on the bus under these rules, and waits until all of them are in force: so many. */
  async function recorded(
    rules: readonly FaultRule[],
    patient: string,
    events: readonly ReturnType<typeof event>[],
    count = events.length,
  ) {
    const id = await stack.pseudonyms.patient(patient);
    const { fired } = await faults.during(rules, async () => {
      await stack.bus.put(events);
      await until('the events', async () => (await stack.patients.history(id)).length >= count, {
        limitSeconds: 90,
      });
    });
    return { id, fired };
  }

  /** Each event once, and each change with its record. */
  async function expectWhole(id: PatientId, events: number): Promise<void> {
    const patient = await stack.patients.load(id);
    expect(patient.state.events).toBe(events);
    expect(await stack.patients.history(id)).toHaveLength(events);
    expect((await actionsOf(id)).filter((action) => action === 'event.record')).toHaveLength(events);
    await expectReconciled(id);
  }

  async function actionsOf(id: PatientId): Promise<string[]> {
    const opened = await stack.audit.opened(id);
    return opened.map(({ bytes }) => (JSON.parse(Buffer.from(bytes).toString('utf8')) as { action: string }).action);
  }

  async function expectReconciled(chain: string): Promise<void> {
    const { standings, records } = reconcilePortsOf({
      CARE_TABLE: environment['CARE_TABLE'] ?? '',
      AUDIT_TABLE: environment['AUDIT_TABLE'] ?? '',
    });
    const outlines = [];
    for await (const one of records.between(chain, 1, Number.MAX_SAFE_INTEGER)) outlines.push(one);
    expect(reconcile(chain, await standings.of(chain), outlines, 1)).toBeNull();
  }

  const named = (fired: readonly Fired[]) => fired.map(({ service, operation }) => `${service} ${operation}`);

  describe('the event intake', () => {
    it.each<[string, FaultRule, number]>([
      ['is throttled twice', { ...commit, times: 2, error: { code: 'ProvisionedThroughputExceededException' } }, 2],
      ['gets a server error', { ...commit, times: 1, error: { code: 'InternalServerError', status: 500 } }, 1],
      ['has its connection reset', { ...commit, times: 1, reset: true }, 1],
      ['never learns that its commit worked', { ...commit, times: 1, response: { abort_bytes: 0 } }, 1],
      ['meets another transaction', { ...commit, times: 1, error: conflict }, 1],
      ['may not use a key, and then may', { ...useOfKey, times: 1, error: { code: 'AccessDeniedException' } }, 1],
    ])('%s: each event is in force once, with its record', async (_, rule, times) => {
      const patient = `intake-${randomUUID()}`;
      const { id, fired } = await recorded([rule], patient, [logIn(patient, 1), logIn(patient, 2)]);
      expect(named(fired)).toEqual(Array.from({ length: times }, () => `${rule.service} ${rule.operation}`));
      await expectWhole(id, 2);
    });
  });

  it('a night whose queries are cut off is finished all the same, with everybody in its account', async () => {
    const rules: FaultRule[] = [{ service: 'dynamodb', operation: 'Query', times: 6, reset: true }];
    const { result, fired } = await faults.during(rules, () => scan.run());
    expect(result.status).toBe('SUCCEEDED');
    expect(fired).toHaveLength(6);
    const night = nightAt(new Date().toISOString(), exampleClinic.settings.timeZone);
    const run = await stack.nights.load(night);
    expect(run?.finished).toMatchObject({ missed: 0, setAside: 0 });
    expect(run?.finished?.due).toBe((await stack.nights.lines(night)).length);
  });

  describe('an urgent alert', () => {
    /** The therapist's mailbox, and a patient of theirs in danger. */
    async function danger() {
      const patient = `danger-${randomUUID()}`;
      const inbox = await inboxOfStaff(stack.output('StaffTopicPrefix'), ['s-1']);
      const enrolment = {
        programme: 'depression',
        track: 'therapist-supported',
        therapist: 's-1',
        timeZone: 'America/New_York',
      };
      const answers = { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] };
      const events = [
        event(patient, 1, 'PatientEnrolled', enrolment),
        event(patient, 2, 'QuestionnaireSubmitted', answers),
      ];
      const { id } = await recorded([], patient, events);
      const alert = (await stack.patients.load(id)).alerts.find(({ cause }) => cause === 'safety');
      if (alert === undefined) throw new Error('no alert was opened');
      return { id, alert: alert.id, inbox };
    }

    const current = async (id: PatientId, alert: string) =>
      (await stack.patients.load(id)).alerts.find((one) => one.id === alert);

    it('whose e-mail’s answer is lost goes out again under the same id, and is noted once', async () => {
      const { id, alert, inbox } = await danger();
      const rule: FaultRule = { service: 'sns', operation: 'Publish', times: 1, response: { abort_bytes: 0 } };
      const { fired } = await faults.during([rule], sweep);
      expect(named(fired)).toEqual(['sns Publish']);
      expect(await mailAbout(inbox, alert, 2)).toBe(2);
      expect(await current(id, alert)).toMatchObject({ outbox: [], asked: ['s-1'] });
      await expectReconciled(id);
    });

    it('that cannot be recorded goes out from its message, once, and its gap record follows (A14)', async () => {
      const patient = `early-${randomUUID()}`;
      const inbox = await inboxOfStaff(stack.output('StaffTopicPrefix'), ['s-1']);
      const answers = { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] };
      const id = await stack.pseudonyms.patient(patient);
      const refusal: FaultRule = { ...commit, error: { code: 'AccessDeniedException' } };
      const { fired } = await faults.during([refusal], async () => {
        await stack.bus.put([event(patient, 1, 'QuestionnaireSubmitted', answers)]);
        expect(await mailAbout(inbox, 'Reference', 1)).toBe(1);
        expect(await stack.patients.load(id)).toMatchObject({ version: 0, alerts: [] });
      });
      expect(fired.length).toBeGreaterThan(0);
      await until('the records', async () => (await stack.patients.load(id)).version === 2, { limitSeconds: 90 });
      expect(await actionsOf(id)).toEqual(['event.record', 'alert.sent-early']);
      expect((await stack.patients.load(id)).alerts).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
      await expectReconciled(id);
    });

    it('is sent by the next sweep where the service takes none', async () => {
      const { id, alert, inbox } = await danger();
      const rule: FaultRule = { service: 'sns', operation: 'Publish', error: { code: 'InternalError', status: 500 } };
      const { fired } = await faults.during([rule], sweep);
      expect(fired.length).toBeGreaterThan(0);
      expect((await current(id, alert))?.outbox).toHaveLength(1);
      await sweep();
      expect(await mailAbout(inbox, alert, 1)).toBe(1);
      expect((await current(id, alert))?.outbox).toEqual([]);
    });
  });

  it('a reminder whose answer is lost is not sent again: it is not known whether it arrived, and its record says so', async () => {
    const patient = `reminded-${randomUUID()}`;
    const timeZone = zoneWhereItIs(Number(exampleClinic.programme.reminders?.preferredHour.slice(0, 2)));
    const sms = '+12025550177';
    const data = { programme: 'depression', track: 'self-guided', timeZone, contact: { preferred: 'sms', sms } };
    const anHourAgo = { occurredAt: later(new Date().toISOString(), -1 * hours) };
    const enrolled = event(patient, 1, 'PatientEnrolled', data);
    const consent = event(patient, 2, 'ConsentGiven', { scopes: ['reminders'] });
    const now = [enrolled, consent].map((one) => ({ ...one, detail: { ...one.detail, ...anHourAgo } }));
    const { id } = await recorded([], patient, now);

    const rule: FaultRule = { service: 'sns', operation: 'Publish', times: 1, response: { abort_bytes: 0 } };
    const { fired } = await faults.during([rule], () => round.run());
    expect(named(fired)).toEqual(['sns Publish']);
    // What the next round finds once the claim has run out.
    const inAnHour = later(new Date().toISOString(), 1 * hours);
    await loadDecideCommit(
      stack.patients,
      id,
      async (loaded) => decideReminderRound(loaded, null, exampleClinic, inAnHour)?.change ?? null,
      () => Promise.resolve(),
    );
    const records = (await stack.patients.load(id)).reminders;
    expect(records.map(({ outcome }) => outcome)).toEqual(['unknown']);
    expect(await smsTo(sms)).toBe(1);
    await expectReconciled(id);
  });

  it('a seal whose swap was done and not answered stands, and is the one that the next builds on', async () => {
    const { store } = exportPorts(environment);
    const patient = `sealed-${randomUUID()}`;
    for (const seal of [1, 2]) {
      await recorded([], patient, [logIn(patient, seal)]);
      const rule: FaultRule = { service: 'dynamodb', operation: 'PutItem', times: 1, response: { abort_bytes: 0 } };
      const { result, fired } = await faults.during([rule], () => sealing.run());
      expect([result.status, named(fired)]).toEqual(['SUCCEEDED', ['dynamodb PutItem']]);
      const head = await store.head();
      expect(head === null ? null : checkpointOf(head).seal).toBe(seal);
    }
  });

  /** How many e-mails about this alert there are, once there are at least so many. */
  async function mailAbout(QueueUrl: string, alert: string, atLeast: number): Promise<number> {
    const ids = new Set<string>();
    await until('the e-mail', async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '', MessageId = '' } of Messages) if (Body.includes(alert)) ids.add(MessageId);
      return ids.size >= atLeast;
    });
    return ids.size;
  }

  async function sweep(): Promise<void> {
    const { FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: stack.output('AlertSweepFunction'), Payload: '{"step":"sweep"}' }),
    );
    expect(FunctionError).toBeUndefined();
  }

  async function smsTo(number: string): Promise<number> {
    const answer = await fetch(`${stack.endpoint}/_ministack/sns/sms-messages`);
    const { sms_messages: all } = (await answer.json()) as { sms_messages: Record<string, unknown[]> };
    return all[number]?.length ?? 0;
  }
});

const commit = { service: 'dynamodb', operation: 'TransactWriteItems' } as const;
/** A new patient's data key: made at every first event, whatever the function still knows from before. */
const useOfKey = { service: 'kms', operation: 'GenerateDataKey' } as const;
