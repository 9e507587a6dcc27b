import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  TestStateCommand,
} from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerAlert } from '../../bin/alert-answers.ts';
import { subscribe } from '../../bin/commands/staff.ts';
import { functionEnvironment } from '../../bin/deployment.ts';
import type { Emulator } from '../../bin/emulator/emulator.ts';
import { alertWorkflowPorts } from '../../functions/adapters/compose.ts';
import type { Alert } from '../../functions/domain/alert.ts';
import type { AlertAnswer } from '../../functions/domain/alert-lifecycle.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { followAlerts } from '../emulator/alert-driver.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, deployedAlone } from '../end-to-end/deployed.ts';
import { exampleClinic } from '../example-clinic.ts';
import { escalationOf, planOf } from '../example-escalation.ts';

let emulator: Emulator;
let stack: Deployed;
let runs: Executions;
let sfn: SFNClient;
let lambda: LambdaClient;
let machineArn: string;
let outputs: Record<string, string>;

beforeAll(async () => {
  const alone = await deployedAlone('therapist-alert', { waitScale: 0.01 });
  emulator = alone.emulator;
  stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
  outputs = Object.assign({}, ...Object.values(alone.outputs));
  machineArn = stack.output('TherapistAlertArn');
  runs = executionsOf(machineArn);
  sfn = new SFNClient({ disableHostPrefix: true });
  lambda = new LambdaClient({});
  const sns = new SNSClient({});
  for (const { id } of exampleClinic.escalation.staff)
    await subscribe(sns, stack.output('StaffTopicPrefix'), exampleClinic, id);
  await followAlerts(stack.output('AlertDriverFunction'));
});
afterAll(() => emulator.stop());

const now = () => new Date().toISOString();
const person = { by: 's-1', source: 'command line' };
const executionOf = (alert: string) => machineArn.replace(':stateMachine:', ':execution:').concat(`:${alert}`);

function clinicFile(clinic: Clinic): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-clinic-')), 'clinic.json');
  writeFileSync(file, JSON.stringify(clinic));
  return file;
}

/** The clinic's own plan, but that each step of an urgent alert waits for a minute. */
function hasty(): Clinic {
  const { tiers } = escalationOf();
  const steps = tiers.urgent.steps.map((step) => ({ ...step, wait: { minutes: 1 } }));
  return { ...exampleClinic, escalation: planOf({ tiers: { ...tiers, urgent: { ...tiers.urgent, steps } } }) };
}

/** An answer of 3 to item 9, as the intake commits it, of a patient without a therapist: the supervisor is the first to be asked. */
async function urgentAlert(id: string): Promise<Alert> {
  const patient = await stack.patients.load(id);
  const data = { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] };
  const event: ClinicalEvent = { id: `${id}-1`, patient: id, type: 'QuestionnaireSubmitted', occurredAt: now(), data };
  const change = decideEvent(patient, event, null, exampleClinic, now());
  await stack.patients.commit(patient, change);
  const [alert] = change.changedAlerts;
  if (alert === undefined) throw new Error('the answer opens an alert');
  return alert;
}

async function current(id: string): Promise<Alert | undefined> {
  return (await stack.patients.load(id)).alerts[0];
}

async function answer(alert: Alert, kind: 'acknowledge' | 'resolve'): Promise<void> {
  const version = (await stack.alertIndex.patientOf(alert.id)) === null ? 0 : 1;
  const given: AlertAnswer =
    kind === 'resolve' ? { kind, ...person, version, outcome: { code: 'reached' } } : { kind, ...person, version };
  expect(await answerAlert(stack, alert.id, given, now())).toMatchObject({ result: 'done' });
}

/** The states entered so far, once the execution stands in this one. */
function standsIn(alert: Alert, state: string, limitSeconds = 60): Promise<string[]> {
  return until(
    `"${state}"`,
    async () => {
      const entered = await runs.states(executionOf(alert.id)).catch(() => []);
      return entered.at(-1) === state && entered;
    },
    { limitSeconds },
  );
}

const tell = ['Tell who is next', 'Is it still open?'];

describe('the workflow of an alert', () => {
  it('starts by itself, waits, is woken by each answer, and ends at the moment the alert is closed', async () => {
    const alert = await urgentAlert('p-answered');
    await standsIn(alert, 'Wait a quarter of an hour for an answer');
    expect(await current('p-answered')).toMatchObject({ step: 1, outbox: [], asked: ['s-1'] });
    await answer(alert, 'acknowledge');
    await standsIn(alert, 'Wait four hours for an answer');
    await answer(alert, 'resolve');
    const { status, input } = await runs.ended(executionOf(alert.id));
    expect([status, JSON.parse(input ?? '')]).toEqual([
      'SUCCEEDED',
      { patient: 'p-answered', alert: alert.id, round: 0 },
    ]);
    expect(await runs.states(executionOf(alert.id))).toEqual([
      ...tell,
      'Wait a quarter of an hour for an answer',
      ...tell,
      'Wait four hours for an answer',
      ...tell,
      'It is closed',
    ]);
  });

  it('asks the next person when the wait has timed out, without any sweep', async () => {
    const alert = await withSettings(
      stack.output('AlertWorkflowFunction'),
      { variables: { CLINIC_FILE: clinicFile(hasty()) } },
      async () => {
        const opened = await urgentAlert('p-silent');
        await standsIn(opened, 'Wait a minute for an answer');
        await until('the next step', async () => ((await current('p-silent'))?.step ?? 0) > 1, { limitSeconds: 110 });
        return opened;
      },
    );
    const entered = await runs.states(executionOf(alert.id));
    expect(entered.slice(0, 4)).toEqual([...tell, 'Wait a minute for an answer', 'Tell who is next']);
    const timedOut = (await current('p-silent'))?.told;
    expect(timedOut).toContain('l-1');
    await answer(alert, 'resolve');
    expect(await runs.ended(executionOf(alert.id))).toMatchObject({ status: 'SUCCEEDED' });
  }, 180_000);

  it('is one for each alert, however often it is started', async () => {
    const alert = await urgentAlert('p-twice');
    await standsIn(alert, 'Wait a quarter of an hour for an answer');
    const again = sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn, name: alert.id, input: '{}' }));
    await expect(again).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
    expect(executions.filter(({ name }) => name === alert.id)).toHaveLength(1);
  });

  it('P10: changes and sends nothing when the stream is told again from its oldest change', async () => {
    const ids = ['p-answered', 'p-silent', 'p-twice'];
    const versions = () => Promise.all(ids.map(async (id) => (await stack.patients.load(id)).version));
    const before = await versions();
    const { executions: existing = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
    // Every record that there ever was, to the driver as Lambda hands them on.
    const { Items = [] } = await new DynamoDBClient({}).send(new ScanCommand({ TableName: stack.output('CareTable') }));
    const Records = Items.filter(({ sk }) => sk?.S?.startsWith('alert#')).map(({ pk, sk }, number) => ({
      eventName: 'MODIFY',
      dynamodb: { Keys: { pk, sk }, SequenceNumber: String(number) },
    }));
    expect(Records.length).toBeGreaterThanOrEqual(3);
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: stack.output('AlertDriverFunction'), Payload: JSON.stringify({ Records }) }),
    );
    expect([FunctionError, JSON.parse(new TextDecoder().decode(Payload))]).toEqual([
      undefined,
      { batchItemFailures: [] },
    ]);
    expect(await versions()).toEqual(before);
    const { executions: after = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
    expect(after).toHaveLength(existing.length);
  });

  it('is handed to the sweep after 400 rounds', async () => {
    const alert = await urgentAlert('p-long');
    const input = JSON.stringify({ patient: 'p-long', alert: alert.id, round: 399 });
    const name = `${alert.id}-long`;
    await sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input }));
    expect(await runs.ended(executionOf(name))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await runs.states(executionOf(name))).toEqual([...tell, 'The sweep goes on']);
  });

  it('fails where the alert cannot be told at any try, and the sweep goes on', async () => {
    const alert = await withSettings(
      stack.output('AlertWorkflowFunction'),
      { variables: { CARE_TABLE: 'no-such-table' } },
      async () => {
        const opened = await urgentAlert('p-unreadable');
        await until(
          'the execution',
          async () => (await runs.states(executionOf(opened.id)).catch(() => [])).length > 0,
        );
        expect(await runs.ended(executionOf(opened.id))).toMatchObject({ status: 'FAILED', error: 'AlertNotTold' });
        return opened;
      },
    );
    expect(await runs.states(executionOf(alert.id))).toEqual(['Tell who is next', 'It could not be told']);
    expect(await current('p-unreadable')).toMatchObject({ step: null });
    await lambda.send(
      new InvokeCommand({ FunctionName: stack.output('AlertSweepFunction'), Payload: '{"step":"sweep"}' }),
    );
    expect(await current('p-unreadable')).toMatchObject({ step: 1, outbox: [] });
  }, 180_000);
});

describe('each wait', () => {
  const definition = JSON.parse(
    readFileSync(new URL('../../state-machines/therapist-alert.asl.json', import.meta.url), 'utf8'),
  ) as { States: Record<string, object> };
  const input = JSON.stringify({ patient: 'p-1', alert: 'a-1', dueAt: '2026-03-02T10:00:00.000Z', round: 3 });
  const waits = ['a minute', 'a quarter of an hour', 'four hours'].map((time) => `Wait ${time} for an answer`);
  const leadsTo = [
    ['States.Timeout', 'Tell who is next'],
    ['Lambda.TooManyRequestsException', 'Look again in a minute'],
  ] as const;

  it.each(waits.flatMap((wait) => leadsTo.map(([error, next]) => ({ wait, error, next }))))(
    'P01: "$wait" leads with $error to "$next"',
    async ({ wait, error, next }) => {
      const tested = await sfn.send(
        new TestStateCommand({
          definition: JSON.stringify({ QueryLanguage: 'JSONata', ...definition.States[wait] }),
          input,
          mock: { errorOutput: { error, cause: 'a test' } },
        }),
      );
      expect([tested.status, tested.nextState]).toEqual(['CAUGHT_ERROR', next]);
    },
  );

  it('that failed is followed by one of a minute and a new look', async () => {
    const tested = await sfn.send(
      new TestStateCommand({
        definition: JSON.stringify({ QueryLanguage: 'JSONata', ...definition.States['Look again in a minute'] }),
        input,
      }),
    );
    expect([tested.status, tested.nextState]).toEqual(['SUCCEEDED', 'Tell who is next']);
  });
});

describe('a task token', () => {
  it('stands in no table, log or history in clear, and wakes its alert’s workflow without changing anything', async () => {
    const alert = await urgentAlert('p-secret');
    await standsIn(alert, 'Wait a quarter of an hour for an answer');
    const { version } = await stack.patients.load('p-secret');
    const ports = alertWorkflowPorts({
      ...functionEnvironment({ stage: 'local', outputs }),
      ALERT_MACHINE_ARN: machineArn,
      CLINIC_FILE: clinicFile(exampleClinic),
    });
    const waiting = await until('the token', () =>
      ports.alertTokens.newest({ patient: 'p-secret', alert: alert.id }).then((found) => found ?? undefined),
    );
    expect(waiting.token.length).toBeGreaterThan(20);

    const client = new DynamoDBClient({});
    const tables = await Promise.all(
      ['CareTable', 'AuditTable'].map((table) => client.send(new ScanCommand({ TableName: stack.output(table) }))),
    );
    const places = {
      tables: JSON.stringify(tables.map(({ Items }) => Items)),
      history: JSON.stringify(await runs.history(executionOf(alert.id))),
      'what the functions and the emulator printed': readFileSync(emulator.logFile, 'utf8'),
    };
    for (const text of Object.values(places)) expect(text).toContain(alert.id);
    for (const [place, text] of Object.entries(places))
      expect([place, text.includes(waiting.token)]).toEqual([place, false]);

    // Whoever had it could do no more than this.
    await sfn.send(new SendTaskSuccessCommand({ taskToken: waiting.token, output: '{"answer":"resolved"}' }));
    await until('the next look', async () => (await runs.states(executionOf(alert.id))).length > 3);
    await standsIn(alert, 'Wait a quarter of an hour for an answer');
    expect(await stack.patients.load('p-secret')).toMatchObject({ version, alerts: [{ status: 'open' }] });
  });
});

it('P23: this emulator lets a wait whose function failed time out, where AWS ends it at once: the workflow relies on neither', async () => {
  const name = 'fails-in-its-wait';
  const { roleArn } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }));
  const end = { Type: 'Succeed' };
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Wait',
    States: {
      Wait: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: {
          FunctionName: stack.output('AlertWorkflowFunction'),
          Payload: { step: 'wait', patient: 'p-nobody', alert: 'a-nobody', dueAt: now(), token: 'none' },
        },
        TimeoutSeconds: 2,
        Catch: [
          { ErrorEquals: ['States.Timeout'], Next: 'Timed out' },
          { ErrorEquals: ['States.ALL'], Next: 'Failed at once' },
        ],
        End: true,
      },
      'Timed out': end,
      'Failed at once': end,
    },
  });
  const { stateMachineArn = '' } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  const other = executionsOf(stateMachineArn);
  const { executionArn = '' } = await other.run();
  expect(await other.states(executionArn)).toEqual(['Wait', 'Timed out']);
});
