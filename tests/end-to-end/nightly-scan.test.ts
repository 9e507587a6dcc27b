import { createHash, randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../bin/emulator/emulator.ts';
import { decideReview } from '../../functions/domain/decide-review.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { days, type Instant, later } from '../../functions/domain/instant.ts';
import { nightAt } from '../../functions/domain/night.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import { isDue, review } from '../../functions/domain/review.ts';
import type { Assessment } from '../../functions/domain/risk.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { type Executions, executionsOf } from '../emulator/executions.ts';
import { until } from '../emulator/poll.ts';
import { exampleClinic } from '../example-clinic.ts';
import { answersOf } from '../risk-patients.ts';
import { type Deployed, deployed, deployedAlone } from './deployed.ts';

// An emulator of its own: a night is one for the whole clinic, and the patients of other tests are due in it too.
let emulator: Emulator;
let stack: Deployed;
let scan: Executions;
let lambda: LambdaClient;
let dynamoDB: DynamoDBClient;

beforeAll(async () => {
  // Retries after a kill need not take their full time.
  const alone = await deployedAlone('nightly-scan', { waitScale: 0.01 });
  const { outputs } = alone;
  emulator = alone.emulator;
  stack = deployed({ endpoint: emulator.endpoint, outputs });
  scan = executionsOf(stack.output('NightlyRiskScanArn'));
  lambda = new LambdaClient({});
  dynamoDB = new DynamoDBClient({});
});
afterAll(() => emulator.stop());

describe('the watchdog, on a night without a scan', () => {
  it('tells the operators, with counts and no ids', async () => {
    const mail = await subscribedQueue(stack.output('OperationsTopicArn'));
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: stack.output('ScanWatchdogFunction'), Payload: '{}' }),
    );
    expect(FunctionError).toBeUndefined();
    const { night } = JSON.parse(new TextDecoder().decode(Payload)) as { night: string };
    const message = await until('the alert', async () => mail.receive());
    expect(message).toMatchObject({ Subject: 'Tandem: operations' });
    expect(message['Message']).toBe(
      `The scan of ${night} did not start.\n\nWhat to do: docs/operations.md#nightly-scan\nStage: ${exampleClinic.settings.deployment.stage}`,
    );
  });
});

/** One course of treatment, as [days before now, type, data]; the oldest first. */
type Course = readonly (readonly [number, ClinicalEvent['type'], unknown])[];

const enrolled = (day: number): Course => [
  [
    day,
    'PatientEnrolled',
    { programme: 'depression', track: 'therapist-supported', therapist: 't-1', timeZone: 'America/New_York' },
  ],
  [day, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }],
];
const phq9 = (day: number, total: number): Course[number] => [
  day,
  'QuestionnaireSubmitted',
  { measure: 'phq-9', answers: answersOf(total, 9) },
];
const logIn = (day: number): Course[number] => [day, 'PatientActive', { kind: 'log-in' }];

/** What the levels are is worked out below, by the domain alone; here stands only how these patients differ. */
const courses: Readonly<Record<string, Course>> = {
  silent: [...enrolled(30.3), phq9(30.2, 14), logIn(25.3)],
  worse: [...enrolled(20.3), phq9(20.2, 8), logIn(10.4), logIn(2.4), phq9(1.4, 20)],
  fading: [...enrolled(9.3), phq9(9.2, 11), logIn(6.4)],
  fresh: [...enrolled(1.3), phq9(1.2, 9), logIn(0.4)],
  withoutConsent: [...enrolled(15.3).slice(0, 1), logIn(14.4)],
};

/** When a scan has looked at a patient before, in days before now; null: none has. */
const lastLooks = [null, 0.01, 6.1] as const;

interface Member {
  readonly vendorId: string;
  readonly lastLook: number | null;
  readonly events: readonly ClinicalEvent[];
}

const size = 300;

function cohortAt(now: Instant): Member[] {
  const kinds = Object.entries(courses);
  return Array.from({ length: size }, (_, number) => {
    const [kind = '', course = []] = kinds[number % kinds.length] ?? [];
    const vendorId = `seed-${kind}-${number}`;
    const lastLook = lastLooks[Math.floor(number / kinds.length) % lastLooks.length] ?? null;
    return {
      vendorId,
      lastLook,
      events: course.map(
        ([day, type, data], place) =>
          ({
            id: `${vendorId}-${place}`,
            patient: vendorId,
            type,
            occurredAt: before(now, day),
            data,
          }) as ClinicalEvent,
      ),
    };
  });
}

function before(now: Instant, count: number): Instant {
  return later(now, -Math.round(count * days));
}

/** The events of a patient until the last look, the look itself, and the events since. */
async function store(member: Member, now: Instant): Promise<PatientId> {
  const look = member.lastLook === null ? null : before(now, member.lastLook);
  const id = await stack.pseudonyms.patient(member.vendorId);
  const arrive = async (events: readonly ClinicalEvent[]) => {
    for (const event of events)
      expect(await receiveEvent(stack, event, event.occurredAt)).toMatchObject({ outcome: 'recorded' });
  };
  if (look === null) await arrive(member.events);
  else {
    await arrive(member.events.filter(({ occurredAt }) => occurredAt <= look));
    // By name a night long over, whenever the look was: tonight's is still to come.
    const earlierNight = nightAt(before(now, 9), exampleClinic.settings.timeZone);
    await loadDecideCommit(
      stack.patients,
      id,
      (patient) => Promise.resolve(decideReview(patient, earlierNight, null, null, exampleClinic, look)),
      stack.pause,
    );
    await arrive(member.events.filter(({ occurredAt }) => occurredAt > look));
  }
  return id;
}

interface Expected {
  readonly due: boolean;
  readonly changed: boolean;
  readonly levels: Readonly<Record<string, string>>;
}

/** What a scan at this moment finds, by the pure domain from the events alone. */
function expectedOf({ events, lastLook }: Member, now: Instant): Expected {
  const look = lastLook === null ? null : before(now, lastLook);
  const known = look === null ? [] : events.filter(({ occurredAt }) => occurredAt <= look);
  const first =
    look === null || known.length === 0 ? null : review(fold(known, exampleClinic), [], exampleClinic, look);
  const hasNews = known.length < events.length;
  const due = hasNews || first === null || isDue(first.reviewAt, now);
  if (!due) return { due, changed: false, levels: levelsOf(first.standing) };
  const found = review(fold(events, exampleClinic), first?.standing ?? [], exampleClinic, now);
  return { due, changed: found.changed.length > 0, levels: levelsOf(found.standing) };
}

function levelsOf(standing: readonly Assessment[]): Record<string, string> {
  return Object.fromEntries(standing.map(({ kind, level }) => [kind, level]));
}

describe('a cohort of 300 with known levels', () => {
  const now = new Date().toISOString();
  const night = nightAt(now, exampleClinic.settings.timeZone);
  const cohort = cohortAt(now).map((member) => ({ ...member, expected: expectedOf(member, now) }));
  const due = cohort.filter(({ expected }) => expected.due);
  const ids = new Map<string, PatientId>();
  const idOf = ({ vendorId }: Member) => ids.get(vendorId) ?? '';
  const versionsBefore = new Map<string, number>();
  const executions: string[] = [];
  /** Due, and its record is overwritten. */
  const damaged = due.find(({ lastLook }) => lastLook === null) as Member;

  beforeAll(async () => {
    for (let first = 0; first < size; first += 20)
      await Promise.all(
        cohort.slice(first, first + 20).map(async (member) => {
          ids.set(member.vendorId, await store(member, now));
        }),
      );
    for (const member of cohort) versionsBefore.set(member.vendorId, (await stack.patients.load(idOf(member))).version);
    // Last night was looked at under the same rules, so tonight looks only at whoever is due.
    const startedAt = before(now, 1);
    const lastNight = nightAt(startedAt, exampleClinic.settings.timeZone);
    const run = { night: lastNight, rules: exampleClinic.hash, startedAt, until: startedAt, finished: null };
    const counts = { due: 0, assessed: 0, changed: 0, setAside: 0, missed: 0, seconds: 1 };
    await stack.nights.close(await stack.nights.open(run), { at: startedAt, ...counts }, []);
    await damage(idOf(damaged));
  }, 240_000);

  it('has every level in it, and patients that are due and patients that are not', () => {
    const levels = new Set(cohort.flatMap(({ expected }) => Object.values(expected.levels)));
    expect(levels).toEqual(new Set(['green', 'yellow', 'red']));
    expect(due.length).toBeGreaterThan(100);
    expect(size - due.length).toBeGreaterThan(50);
    expect(due.some(({ expected }) => !expected.changed)).toBe(true);
  });

  it('can be killed half-way', async () => {
    const executionArn = await scan.start();
    executions.push(executionArn);
    const FunctionName = stack.output('RiskScanFunction');
    await until('the first lines of the account', async () => (await stack.nights.lines(night)).length > 0);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    await scan.stop(executionArn);
    const { status } = await scan.ended(executionArn);
    const lines = await stack.nights.lines(night);
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(status).toBe('ABORTED');
    expect(lines.length).toBeLessThan(due.length);
    expect(await stack.nights.load(night)).toMatchObject({ finished: null });
  });

  it('started again, accounts for exactly those who are due, each in one line', async () => {
    const executionArn = await scan.start();
    executions.push(executionArn);
    const { status, output } = await scan.ended(executionArn);
    expect(status).toBe('SUCCEEDED');
    const changed = due.filter((member) => member !== damaged && member.expected.changed).length;
    const counts = { due: due.length, assessed: due.length - 1, changed, setAside: 1, missed: 0 };
    expect(JSON.parse(output ?? '')).toMatchObject(counts);
    expect((await stack.nights.load(night))?.finished).toMatchObject(counts);
    const lines = await stack.nights.lines(night);
    expect(lines.map(({ patient }) => patient).toSorted()).toEqual(due.map(idOf).toSorted());
    for (const member of due)
      expect(lines.find(({ patient }) => patient === idOf(member))).toMatchObject(
        member === damaged
          ? { outcome: 'set-aside', changed: false }
          : { outcome: 'assessed', changed: member.expected.changed },
      );
  });

  it('has the levels that the domain finds, in one decision with one record each; whoever is not due is untouched', async () => {
    for (const member of cohort.filter((one) => one !== damaged)) {
      const { version, standing, reviewedOn } = await stack.patients.load(idOf(member));
      const decisions = version - (versionsBefore.get(member.vendorId) ?? 0);
      expect([member.vendorId, decisions, reviewedOn === night, levelsOf(standing)]).toEqual([
        member.vendorId,
        member.expected.due ? 1 : 0,
        member.expected.due,
        member.expected.levels,
      ]);
      const records = await stack.audit.stored(idOf(member));
      expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, place) => place + 1));
      expect(records).toHaveLength(version);
    }
  });

  it('leaves a record that cannot be read as it was, set aside with a record of its own', async () => {
    const records = await stack.audit.stored(idOf(damaged));
    expect(records).toHaveLength(versionsBefore.get(damaged.vendorId) ?? 0);
    const chains = Array.from({ length: 16 }, (_, shard) => `system-${shard}`);
    const system = (await Promise.all(chains.map((chain) => stack.audit.opened(chain)))).flat();
    const actions = system.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>);
    const about = (action: string) => actions.filter((record) => record['action'] === action);
    expect(about('scan.set-aside')).toMatchObject([{ detail: { night, patient: idOf(damaged) } }]);
    expect(about('scan.open').map(({ detail }) => detail)).toContainEqual({ night });
    expect(about('scan.close').filter(({ detail }) => (detail as { night: string }).night === night)).toHaveLength(1);
  });

  it('has lists for the morning that hold ids of alerts and counts', async () => {
    const lists = await stack.nights.morningLists(night);
    const alerts = (await stack.nights.lines(night)).flatMap((line) => line.alerts);
    expect(alerts.length).toBeGreaterThan(0);
    expect(lists).toEqual([{ night, therapist: 't-1', patients: expect.any(Number), alerts: alerts.toSorted() }]);
  });

  it('leaves in the history of its executions ids, times and counts only', async () => {
    const [killed = [], second = []] = await Promise.all(executions.map(scan.history));
    expect(second.length).toBeGreaterThan(30);
    const carried = [...killed, ...second].flatMap(leavesOf);
    expect(carried.length).toBeGreaterThan(100);
    for (const { key, value } of carried) {
      expect(key).toMatch(mayBeNamed);
      expect(String(value)).toMatch(mayBeCarried);
    }
    expect(JSON.stringify([killed, second])).not.toContain('seed-');
  });
});

describe('the comparison of states with their audit records, on the deployed stack (A18)', () => {
  const compare = async () => {
    const FunctionName = stack.output('AuditReconcileFunction');
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
    expect(FunctionError).toBeUndefined();
    return JSON.parse(new TextDecoder().decode(Payload)) as { chains: number; discrepancies: number };
  };

  it('finds every state and its records of one mind, then the one record that was taken out, and tells the operators', async () => {
    expect(await compare()).toMatchObject({ discrepancies: 0 });
    const vendorId = 'seed-for-the-comparison';
    const id = await stack.pseudonyms.patient(vendorId);
    for (const minute of ['00', '01', '02']) {
      const occurredAt = `2026-03-02T09:${minute}:00.000Z`;
      const event = {
        id: `${vendorId}-${minute}`,
        type: 'PatientActive',
        occurredAt,
        patient: vendorId,
        data: { kind: 'use' },
      };
      expect(await receiveEvent(stack, event, new Date().toISOString())).toMatchObject({ outcome: 'recorded' });
    }
    // The emulator does not know the table's own policy, which on AWS refuses this to everybody.
    const Key = { chain: { S: id }, sequence: { N: '2' } };
    await dynamoDB.send(new DeleteItemCommand({ TableName: stack.output('AuditTable'), Key }));

    const mail = await subscribedQueue(stack.output('OperationsTopicArn'));
    const { chains, discrepancies } = await compare();
    expect(chains).toBeGreaterThan(size);
    expect(discrepancies).toBe(1);
    const message = await until('the e-mail', async () => mail.receive());
    expect(message['Message']).toContain(`change-without-record: ${id}, number 2`);
  });
});

/** What the steps hand each other. */
const mayBeNamed = /^(step|night|until|shard|shards|cursor|done|at|due|assessed|changed|setAside|missed|seconds)$/;
const mayBeCarried = /^(open|shard|close|null|true|false|\d+|\d{4}-\d\d-\d\d(T[\d:.]+Z)?)$/;

/** Everything that the steps were given or gave, down to the single values. */
function leavesOf(event: object): { key: string; value: unknown }[] {
  const texts: unknown[] = Object.entries(event)
    .filter(([key]) => key.endsWith('EventDetails'))
    .flatMap(([, details]) => Object.entries(details as object))
    .flatMap(([key, value]) => (['input', 'output'].includes(key) && value !== '' ? [JSON.parse(String(value))] : []));
  return texts.flatMap((value) => leaves('', payloadOf(value)));
}

/** Without what Lambda says of the call. */
function payloadOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'Payload' in value ? value.Payload : value;
}

function leaves(key: string, value: unknown): { key: string; value: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((each) => leaves(key, each));
  if (typeof value !== 'object' || value === null) return [{ key, value }];
  return Object.entries(value).flatMap(([inner, each]) => leaves(inner, each));
}

/** Another snapshot than the one that was written: as after a fault in a repair by hand. */
async function damage(id: PatientId): Promise<void> {
  const TableName = stack.output('CareTable');
  const Key = { pk: { S: id }, sk: { S: 'head' } };
  const { Item = {} } = await dynamoDB.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  const snapshot = JSON.parse(Item['snapshot']?.S ?? '') as { ciphertext: string };
  const ciphertext = createHash('sha512').update(snapshot.ciphertext).digest('base64url');
  const damagedItem: Record<string, AttributeValue> = {
    ...Item,
    snapshot: { S: JSON.stringify({ ...snapshot, ciphertext }) },
  };
  await dynamoDB.send(new PutItemCommand({ TableName, Item: damagedItem }));
}

/** A queue that gets what the operators get. */
async function subscribedQueue(topicArn: string) {
  const sqs = new SQSClient({});
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `operators-${randomUUID()}` }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await new SNSClient({}).send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
  );
  return {
    async receive(): Promise<Record<string, string> | undefined> {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
      const body = Messages?.[0]?.Body;
      return body === undefined ? undefined : (JSON.parse(body) as Record<string, string>);
    },
  };
}
