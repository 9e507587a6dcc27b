import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerAlert } from '../../bin/alert-answers.ts';
import { confirm, subscribe } from '../../bin/commands/staff.ts';
import { functionEnvironment } from '../../bin/deployment.ts';
import type { Emulator } from '../../bin/emulator/emulator.ts';
import { alertPorts } from '../../functions/adapters/compose.ts';
import { subscribed } from '../../functions/adapters/sns/alert-mail.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import { sweepAlerts } from '../../functions/alert-sweep/sweep.ts';
import type { Alert } from '../../functions/domain/alert.ts';
import { later } from '../../functions/domain/instant.ts';
import { mailOf as mailText } from '../../functions/domain/staff-mail.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { followAlerts } from '../emulator/alert-driver.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { inboxOfStaff } from '../emulator/inbox.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { clinicFileOf, type Deployed, deployed, deployedAlone, onBus } from './deployed.ts';

const vendorId = 'seed-patient-Brobdingnag';
const seeds = [vendorId, 'seed-event-Yahoo', 'phq-9', 'depression', 't-7', 's-1'];
const halfAnHour = 30 * 60_000;

let emulator: Emulator;
let outputs: Record<string, string>;
let stack: Deployed;
let runs: Executions;
let sns: SNSClient;
let sqs: SQSClient;
let prefix: string;
const inboxes: Record<string, string> = {};

beforeAll(async () => {
  const alone = await deployedAlone('alerts');
  emulator = alone.emulator;
  outputs = Object.assign({}, ...Object.values(alone.outputs));
  stack = deployed({ endpoint: emulator.endpoint, outputs: alone.outputs });
  runs = executionsOf(stack.output('TherapistAlertArn'));
  sns = new SNSClient({});
  sqs = new SQSClient({});
  prefix = stack.output('StaffTopicPrefix');
  for (const id of ['t-7', 's-1', 'l-1', 'o-1']) inboxes[id] = await inboxOfStaff(prefix, [id]);
  await followAlerts(stack.output('AlertDriverFunction'));
});
afterAll(() => emulator.stop());

/** Everything this person has been sent since the last look. */
async function mailOf(id: string): Promise<{ Subject: string; Message: string }[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: inboxes[id], MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as { Subject: string; Message: string });
}

/** One step of the deployed function of alerts, as its schedules call it. */
async function inTheCloud(step: 'sweep' | 'morning-list'): Promise<Record<string, number>> {
  const { FunctionError, Payload } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: stack.output('AlertSweepFunction'), Payload: JSON.stringify({ step }) }),
  );
  expect(FunctionError).toBeUndefined();
  return JSON.parse(new TextDecoder().decode(Payload));
}

async function sweepInTheCloud(): Promise<void> {
  expect(await inTheCloud('sweep')).toMatchObject({ failed: 0 });
}

const enrolment = { programme: 'depression', track: 'therapist-supported', timeZone: 'America/New_York' };

/** The same working hours on Saturday and Sunday, as lines of escalation.yaml. */
const weekendsToo = (monday: string) =>
  ['monday', 'saturday', 'sunday'].map((day) => monday.replace('monday', day)).join('\n  ');

/** The execution of this alert's workflow. */
const executionOf = (alert: Alert) =>
  stack.output('TherapistAlertArn').replace(':stateMachine:', ':execution:').concat(`:${alert.id}`);

/** The same sweep over the same tables and topics, by a clock of the test's own. */
function sweepAt(now: string) {
  const CLINIC_FILE = join(mkdtempSync(join(tmpdir(), 'tandem-clinic-')), 'clinic.json');
  writeFileSync(CLINIC_FILE, JSON.stringify(exampleClinic));
  const ports = alertPorts({ ...functionEnvironment({ stage: 'local', outputs }), CLINIC_FILE });
  return sweepAlerts({ ...ports, now: () => now }, () => true);
}

const patientId = () => stack.pseudonyms.patient(vendorId);
const now = () => new Date().toISOString();
const event = (number: number, type: string, data: unknown) =>
  onBus({
    id: `seed-event-Yahoo-${number}`,
    type,
    occurredAt: `2026-03-02T0${number}:00:00Z`,
    patient: vendorId,
    data,
  } as never);

describe('an answer of 3 to item 9', () => {
  let alert: Alert;
  const current = async () => (await stack.patients.load(await patientId())).alerts.find((one) => one.id === alert.id);

  it('is in the therapist’s mailbox without any sweep, and says nothing of the patient', async () => {
    await stack.bus.put([
      event(1, 'PatientEnrolled', { ...enrolment, therapist: 's-1' }),
      event(2, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] }),
    ]);
    alert = await until('the alert', async () => {
      const patient = await stack.patients.load(await patientId());
      return patient.state.events === 2 && patient.alerts[0];
    });
    const [mail, ...others] = await until('the mail', async () => {
      const all = await mailOf('s-1');
      return (
        all.some(({ Message }) => Message.includes(alert.id)) && all.filter(({ Message }) => Message.includes(alert.id))
      );
    });
    const expected = mailText(exampleClinic, 'therapistAlert', {
      alertId: alert.id,
      pageUrl: stack.output('ApiUrl'),
    });
    expect(mail).toMatchObject({ Subject: expected.subject, Message: expected.body });
    expect(others).toEqual([]);
    for (const seed of seeds) expect(JSON.stringify(mail).toLowerCase()).not.toContain(seed.toLowerCase());
    await until('the mail to be noted', async () => (await current())?.outbox.length === 0);
    expect(await current()).toMatchObject({ status: 'open', step: 0, asked: ['s-1'] });
    await until('the wait', async () =>
      (await runs.states(executionOf(alert))).at(-1)?.startsWith('Wait a quarter of an hour'),
    );
    const history = JSON.stringify(await runs.history(executionOf(alert)));
    for (const seed of seeds) expect(history.toLowerCase()).not.toContain(seed.toLowerCase());
  });

  it('is not sent a second time by a sweep beside its workflow', async () => {
    await sweepInTheCloud();
    expect((await mailOf('s-1')).filter(({ Message }) => Message.includes(alert.id))).toEqual([]);
  });

  it('goes to the next person when nobody has answered in time, and not a moment before, though its workflow was stopped', async () => {
    await runs.stop(executionOf(alert));
    const due = (await current())?.nextActionAt ?? '';
    await sweepAt(later(due, -1));
    expect((await current())?.step).toBe(0);
    // The supervisor is the therapist here, and is asked again; then the clinical lead.
    await sweepAt(due);
    await sweepAt(later(due, halfAnHour));
    const mail = await until('the mail', async () => {
      const all = (await mailOf('l-1')).filter(({ Message }) => Message.includes(alert.id));
      return all.length > 0 && all;
    });
    for (const seed of seeds) expect(JSON.stringify(mail).toLowerCase()).not.toContain(seed.toLowerCase());
  });

  it('is closed by an answer at the command line, after which nothing is sent and the audit is complete', async () => {
    const person = { by: 'l-1', enteredBy: 'somebody', source: 'command line' };
    const seen = await answerAlert(stack, alert.id, { kind: 'seen', ...person }, now());
    const version = seen.alert?.version ?? 0;
    const foreign = await answerAlert(stack, alert.id, { kind: 'acknowledge', ...person, by: 'c-1', version }, now());
    expect(foreign).toMatchObject({ result: 'refused-person', alert: null });
    expect(await answerAlert(stack, alert.id, { kind: 'acknowledge', ...person, version }, now())).toMatchObject({
      result: 'done',
      alert: { status: 'acknowledged', acknowledgedBy: ['l-1'] },
    });
    const outcome = { code: 'reached' } as const;
    const resolve = { kind: 'resolve', ...person, version, outcome } as const;
    expect(await answerAlert(stack, alert.id, resolve, now())).toMatchObject({ result: 'done', alert: null });
    const late = await answerAlert(stack, alert.id, { kind: 'acknowledge', ...person, by: 's-1', version }, now());
    expect(late.result).toBe('seen-late');

    for (const staff of Object.keys(inboxes)) await mailOf(staff);
    await sweepAt(later(now(), 48 * 60 * 60_000));
    for (const staff of Object.keys(inboxes))
      expect((await mailOf(staff)).filter(({ Message }) => Message.includes(alert.id))).toEqual([]);
    await expect(answerAlert(stack, 'a-unknown', resolve, now())).rejects.toThrow('there is no alert of this id');

    const records = await stack.audit.opened(await patientId());
    const audit = records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>);
    expect(audit.map(({ sequence }) => sequence)).toEqual(audit.map((_, place) => place + 1));
    const lines = audit
      .slice(2)
      .map(({ action, outcome: how, agent }) => `${String(action)} ${String(how)} ${(agent as { who: string }).who}`);
    expect(lines).toEqual([
      'alert.notify success tandem',
      'alert.sent success tandem',
      'alert.notify success tandem',
      'alert.sent success tandem',
      'alert.notify success tandem',
      'alert.sent success tandem',
      'alert.view success l-1',
      'alert.acknowledge refused c-1',
      'alert.acknowledge success l-1',
      'alert.resolve success l-1',
      'alert.answer success s-1',
    ]);
  });
});

describe('an answer', () => {
  it('ends the alert’s workflow at once, and nothing is sent after it', async () => {
    const patient = 'seed-patient-Lilliput';
    await stack.bus.put([
      onBus({
        id: 'seed-event-Laputa',
        type: 'QuestionnaireSubmitted',
        occurredAt: '2026-03-02T09:00:00Z',
        patient,
        data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] },
      } as never),
    ]);
    const id = await stack.pseudonyms.patient(patient);
    const alert = await until('the alert', async () => (await stack.patients.load(id)).alerts[0]);
    await until('the mail', async () => (await mailOf('s-1')).some(({ Message }) => Message.includes(alert.id)));
    await until('the wait', async () =>
      (await runs.states(executionOf(alert))).at(-1)?.startsWith('Wait a quarter of an hour'),
    );
    const answer = {
      kind: 'resolve',
      by: 's-1',
      source: 'command line',
      version: 1,
      outcome: { code: 'reached' },
    } as const;
    expect(await answerAlert(stack, alert.id, answer, now())).toMatchObject({ result: 'done', alert: null });
    expect(await runs.ended(executionOf(alert))).toMatchObject({ status: 'SUCCEEDED' });
    expect((await runs.states(executionOf(alert))).at(-1)).toBe('It is closed');
    for (const staff of Object.keys(inboxes))
      expect((await mailOf(staff)).filter(({ Message }) => Message.includes(alert.id))).toEqual([]);
  });
});

describe('the morning list', () => {
  it('is one e-mail about what is not urgent, sent once however often the step runs, and says nothing of the patient', async () => {
    const clinic = copyOfClinic();
    // A clinic that works on every day: the test runs on each.
    const escalation = clinic.read('escalation.yaml').replace(/^holidays: .*$/m, 'holidays: []');
    const monday = "monday: [{ from: '09:00', to: '17:00' }]";
    clinic.write('escalation.yaml', escalation.replace(monday, weekendsToo(monday)));
    const patient = 'seed-patient-Glubbdubdrib';
    const sent = (number: number, type: string, data: unknown) =>
      onBus({
        id: `seed-event-Luggnagg-${number}`,
        type,
        occurredAt: `2026-03-02T0${number}:00:00Z`,
        patient,
        data,
      } as never);
    await stack.bus.put([
      sent(1, 'PatientEnrolled', { ...enrolment, therapist: 's-1' }),
      sent(2, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 1] }),
    ]);
    const id = await stack.pseudonyms.patient(patient);
    const current = async () => (await stack.patients.load(id)).alerts[0];
    expect((await until('the alert', current)).tier).toBe('list');
    await mailOf('s-1');

    const morning = () => inTheCloud('morning-list');
    const CLINIC_FILE = clinicFileOf(clinic.folder);
    const both = await withSettings(stack.output('AlertSweepFunction'), { variables: { CLINIC_FILE } }, async () => [
      await morning(),
      await morning(),
    ]);
    clinic.remove();
    expect(both).toEqual([
      { sent: 1, undeliverable: 0, failed: 0 },
      { sent: 0, undeliverable: 0, failed: 0 },
    ]);
    const mail = await until('the mail', async () => {
      const all = await mailOf('s-1');
      return all.length > 0 && all;
    });
    const counts = { alerts: '1', patients: '1', answered: '0', pageUrl: stack.output('ApiUrl') };
    const { subject, body } = mailText(exampleClinic, 'morningList', counts);
    expect(mail).toMatchObject([{ Subject: subject, Message: body }]);
    for (const word of [...seeds, patient, id, 'seed-event-Luggnagg', (await current())?.id ?? ''])
      expect(JSON.stringify(mail).toLowerCase()).not.toContain(word.toLowerCase());
    expect(await mailOf('s-1')).toEqual([]);
    expect(await current()).toMatchObject({ status: 'open', outbox: [] });
    expect((await current())?.history.kept.map(({ what }) => what)).toEqual([
      'asked s-1 (step 1): it was opened',
      'sent: morning list to s-1',
    ]);
  });
});

describe('P15: a subscription that vanishes', () => {
  it('is found, and the person is passed over until it is back', async () => {
    const email = exampleClinic.escalation.staff.find(({ id }) => id === 'o-1')?.email ?? '';
    const state = () => subscribed(sns, prefix, 'o-1', email);
    expect(await state()).toBe('confirmed');
    const { Subscriptions = [] } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: `${prefix}${staffTopicSuffix('o-1')}` }),
    );
    const mail = Subscriptions.find(({ Protocol }) => Protocol === 'email');
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: mail?.SubscriptionArn }));
    expect(await state()).toBe('none');
    expect(await subscribed(sns, prefix, 'o-1', 'another@example.org')).toBe('none');
    expect(await subscribed(sns, prefix, 'nobody', email)).toBe('no-topic');
    await subscribe(sns, prefix, exampleClinic, 'o-1');
    expect(await state()).toBe('confirmed');
  });

  it('refuses a confirmation link of somebody else’s topic', async () => {
    const link = `https://sns.eu-north-1.amazonaws.com/confirmation.html?TopicArn=${prefix}other&Token=abc`;
    await expect(confirm(sns, prefix, exampleClinic, 'o-1', link)).rejects.toThrow('this link is not for o-1');
    await expect(confirm(sns, prefix, exampleClinic, 'x-9', link)).rejects.toThrow('no staff id x-9');
  });
});
