import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { reportTrials } from '../../bin/commands/trial.ts';
import { askAddress, patientTopicArn } from '../../functions/adapters/sns/patient-topic.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import { reminderMessage } from '../../functions/domain/reminder-message.ts';
import { trialBy } from '../../functions/domain/reminder-trial.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { withSettings } from '../emulator/function-settings.ts';
import { inboxOf } from '../emulator/inbox.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { zoneWhereItIs } from '../zone-at-hour.ts';
import { clinicFileOf, type Deployed, deployed, onBus } from './deployed.ts';

/** Everybody's addresses. The emulator knows one number whose holder has said STOP (bin/emulator/emulator.py). */
const people = {
  'seed-bySms': { preferred: 'sms', sms: '+12025550111' },
  'seed-stopped': { preferred: 'sms', sms: '+12025550199' },
  'seed-byEmail': { preferred: 'email', email: 'seed-rosencrantz@example.org' },
  'seed-notAsked': { preferred: 'email', email: 'seed-rosencrantz-2@example.org' },
  'seed-noConsent': { preferred: 'sms', sms: '+12025550112' },
} as const;
type Person = keyof typeof people;
const names = Object.keys(people) as Person[];
const numberOf = { 'seed-bySms': '+12025550111', 'seed-stopped': '+12025550199', 'seed-noConsent': '+12025550112' };
const seeds = [...names, ...Object.values(numberOf), 'seed-rosencrantz', 'seed-event-Guildenstern'];

let stack: Deployed;
let round: Executions;
/** What the patient who prefers e-mail gets. */
let inbox: string;
const executions: string[] = [];
const id = (person: Person) => stack.pseudonyms.patient(person);
const remindersOf = async (person: Person) =>
  (await stack.patients.load(await id(person))).reminders.map(({ kind, channel, outcome, reason }) =>
    [kind, channel, outcome, reason].join(' '),
  );

async function runRounds(count: number) {
  const started = await Promise.all(Array.from({ length: count }, () => round.start()));
  executions.push(...started);
  return Promise.all(started.map((execution) => round.ended(execution)));
}

/** Everything sent by SMS, by number. */
async function textMessages(): Promise<Record<string, { Message: string; MessageAttributes: object }[]>> {
  const answer = await fetch(`${stack.endpoint}/_ministack/sns/sms-messages`);
  const body: unknown = await answer.json();
  return (body as { sms_messages: Record<string, { Message: string; MessageAttributes: object }[]> }).sms_messages;
}

beforeAll(async () => {
  stack = deployed();
  round = executionsOf(stack.output('ReminderRoundArn'));
  const prefix = stack.output('PatientTopicPrefix');
  const byEmail = await id('seed-byEmail');
  const { email } = people['seed-byEmail'];
  await askAddress({ client: new SNSClient({}), prefix, keyArn: '', senderName: undefined }, byEmail, email);
  inbox = await inboxOf([patientTopicArn(prefix, byEmail)]);
  const timeZone = zoneWhereItIs(Number(exampleClinic.programme.reminders?.preferredHour.slice(0, 2)));
  const occurredAt = later(new Date().toISOString(), -1 * hours);
  await stack.bus.put(
    names.flatMap((patient) => {
      const scopes = patient === 'seed-noConsent' ? ['scoring'] : ['scoring', 'reminders'];
      const enrolment = { programme: 'depression', track: 'self-guided', timeZone, contact: people[patient] };
      const event = (number: number, type: 'PatientEnrolled' | 'ConsentGiven', data: object) =>
        onBus({ id: `seed-event-Guildenstern-${patient}-${number}`, type, occurredAt, patient, data });
      return [event(1, 'PatientEnrolled', enrolment), event(2, 'ConsentGiven', { scopes })];
    }),
  );
  for (const person of names)
    await until(
      `the events of ${person}`,
      async () => (await stack.patients.load(await id(person))).state.events === 2,
    );
});

// In this order: what a round has sent, the next one must not send again.
describe('rounds of reminders', () => {
  it('send a due reminder by SMS exactly once, although two of them run at the same time', async () => {
    for (const { status } of await runRounds(2)) expect(status).toBe('SUCCEEDED');
    expect(await remindersOf('seed-bySms')).toEqual(['welcome sms sent ']);
    const sent = (await textMessages())[numberOf['seed-bySms']] ?? [];
    expect(sent.map(({ Message }) => Message)).toEqual([reminderMessage('welcome', false, null, exampleClinic).text]);
    expect(JSON.stringify(sent[0]?.MessageAttributes)).toContain('Transactional');
  });

  it('P20, P21: send nothing to a number whose holder said STOP, and never try it again', async () => {
    expect(await remindersOf('seed-stopped')).toEqual(['welcome sms failed opted-out']);
    expect(await textMessages()).not.toHaveProperty([numberOf['seed-stopped']]);
  });

  it('send nothing without consent', async () => {
    expect(await remindersOf('seed-noConsent')).not.toContainEqual(expect.stringContaining('sent'));
    expect(await textMessages()).not.toHaveProperty([numberOf['seed-noConsent']]);
  });

  it('ask an e-mail address that nobody has asked, on an encrypted topic of the patient’s own', async () => {
    const sns = new SNSClient({});
    const TopicArn = patientTopicArn(stack.output('PatientTopicPrefix'), await id('seed-notAsked'));
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ KmsMasterKeyId: expect.stringContaining(':key/') });
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    // The emulator confirms it by itself; on AWS the patient does.
    expect(Subscriptions.map(({ Protocol, Endpoint }) => [Protocol, Endpoint])).toEqual([
      ['email', people['seed-notAsked'].email],
    ]);
  });

  it('write to a confirmed address once, and to nobody a second time in the rounds that follow', async () => {
    for (let time = 0; time < 2; time += 1)
      for (const { status } of await runRounds(2)) expect(status).toBe('SUCCEEDED');
    expect(await remindersOf('seed-byEmail')).toEqual(['welcome email sent ']);
    const { subject, text } = reminderMessage('welcome', false, null, exampleClinic);
    const mail = await until('the mail', async () => {
      const all = await mailIn(inbox);
      return all.length > 0 && all;
    });
    expect(mail).toMatchObject([{ Subject: subject, Message: text }]);
    expect(await mailIn(inbox)).toEqual([]);
    for (const word of [...seeds, 'depression', 'phq', exampleClinic.settings.name])
      expect(`${subject} ${text}`.toLowerCase()).not.toContain(word.toLowerCase());

    expect(await remindersOf('seed-bySms')).toEqual(['welcome sms sent ']);
    const sms = await textMessages();
    expect(Object.values(numberOf).map((number) => sms[number]?.length ?? 0)).toEqual([1, 0, 0]);
  });

  it('leave an audit record of each claim and of what became of it', async () => {
    const records = await stack.audit.opened(await id('seed-bySms'));
    const audit = records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>);
    expect(audit.map(({ sequence }) => sequence)).toEqual(audit.map((_, place) => place + 1));
    const reminders = audit.filter(({ action }) => String(action).startsWith('reminder.'));
    expect(reminders.slice(0, 2).map(({ action, outcome }) => `${String(action)} ${String(outcome)}`)).toEqual([
      'reminder.decide success',
      'reminder.send success',
    ]);
  });

  it('leave no address and no id of the programme in clear: neither in tables nor in the history of executions', async () => {
    const places: Record<string, string> = {
      'care table': await everything(stack.output('CareTable')),
      'audit table': await everything(stack.output('AuditTable')),
      history: JSON.stringify(await Promise.all(executions.map((execution) => round.history(execution)))),
    };
    expect(places['care table']).toContain(await id('seed-bySms'));
    expect(places['history']).toContain('Look at every shard');
    for (const [place, text] of Object.entries(places))
      for (const seed of seeds) expect(text.includes(seed), `${seed} in ${place}`).toBe(false);
    // Not even the ids of patients.
    for (const person of names) expect(places['history']).not.toContain(await id(person));
  });
});

describe('a trial of reminders', () => {
  it('draws each, and its report reads the draws of the deployment and writes nothing', async () => {
    const clinic = copyOfClinic();
    const seed = 'seed-of-a-trial-that-nobody-guesses';
    clinic.write(
      'programme.yaml',
      clinic
        .read('programme.yaml')
        .replace('    on: false', '    on: true')
        .replace("seed: ''", `seed: ${seed}`)
        .replace('leaveOut: [welcome, live-session]', 'leaveOut: []'),
    );
    const drawn = Array.from({ length: 8 }, (_, number) => `seed-drawn-${number}`);
    const timeZone = zoneWhereItIs(Number(exampleClinic.programme.reminders?.preferredHour.slice(0, 2)));
    const occurredAt = later(new Date().toISOString(), -1 * hours);
    const contact = { preferred: 'sms', sms: '+12025550121' };
    const enrolment = { programme: 'depression', track: 'self-guided', timeZone, contact };
    await stack.bus.put(
      drawn.flatMap((patient) => [
        onBus({ id: `${patient}-1`, type: 'PatientEnrolled', occurredAt, patient, data: enrolment }),
        onBus({
          id: `${patient}-2`,
          type: 'ConsentGiven',
          occurredAt,
          patient,
          data: { scopes: ['scoring', 'reminders'] },
        }),
      ]),
    );
    const ids = await Promise.all(drawn.map((patient) => stack.pseudonyms.patient(patient)));
    const load = () => Promise.all(ids.map((one) => stack.patients.load(one)));
    await until('the events', async () => (await load()).every(({ state }) => state.events === 2));
    const CLINIC_FILE = clinicFileOf(clinic.folder);
    await withSettings(stack.output('ReminderRoundFunction'), { variables: { CLINIC_FILE } }, async () => {
      for (const { status } of await runRounds(1)) expect(status).toBe('SUCCEEDED');
    });
    const patients = await load();
    const arms = patients.map(({ reminders }) => reminders[0]?.trial?.arm);
    const trial = trialBy({ probability: 0.5, seed, leaveOut: [] }, '');
    expect(patients.map(({ reminders }) => reminders[0]?.trial?.name)).toEqual(drawn.map(() => trial.name));
    expect(patients.map(({ reminders }) => reminders[0]?.outcome === 'sent')).toEqual(
      arms.map((arm) => arm === 'send'),
    );

    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const report = async (options: { json?: true }) => {
      const find = async () => ({ stage: 'local', outputs: stack.outputs });
      const from = out.mock.calls.length;
      await reportTrials(undefined, { stage: 'local', clinic: clinic.folder, effect: '5', ...options }, find);
      return out.mock.calls
        .slice(from)
        .map(([text]) => String(text))
        .join('');
    };
    const [json, words] = [await report({ json: true }), await report({})];
    out.mockRestore();
    errors.mockRestore();
    clinic.remove();
    // One that is held back counts against no limit, so that the next may be drawn at the same moment.
    const draws = patients.flatMap(({ reminders }) => reminders.filter((one) => one.trial !== undefined));
    const { waiting, ...said } = JSON.parse(json) as { waiting: number };
    expect(said).toMatchObject({
      trial: trial.name,
      standing: 'running',
      probability: 0.5,
      sent: 0,
      held: 0,
      stopped: null,
    });
    // Patients of other files on this emulator may have been due, too.
    expect(waiting).toBeGreaterThanOrEqual(draws.length);
    expect(words).toContain(trial.name);
    for (const secret of [...drawn, ...ids, seed]) expect(`${json}${words}`).not.toContain(secret);
    expect(await load()).toEqual(patients);
  });
});

async function mailIn(QueueUrl: string): Promise<unknown[]> {
  const { Messages = [] } = await new SQSClient({}).send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  return Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown);
}

async function everything(TableName: string): Promise<string> {
  const client = new DynamoDBClient({});
  const items: unknown[] = [];
  let from: Record<string, never> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey: from }));
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey as typeof from;
  } while (from !== undefined);
  return JSON.stringify(items);
}
