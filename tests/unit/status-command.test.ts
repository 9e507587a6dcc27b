import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { redrive } from '../../bin/commands/redrive.ts';
import { lastNight, openAlerts } from '../../bin/commands/status.ts';
import { moveMessages, queuesOf } from '../../bin/queues.ts';
import { findings, inWords, type StageStatus } from '../../bin/stage-status.ts';
import { later } from '../../functions/domain/instant.ts';
import type { NightRun } from '../../functions/domain/night.ts';
import { exampleClinic } from '../example-clinic.ts';

const sqs = mockClient(SQSClient);
const client = new SQSClient({});
const now = '2026-03-05T12:00:00.000Z';
const url = (name: string) => `https://sqs.test/1/${name}`;
beforeEach(() => {
  sqs.reset();
});

function holding(messages: Readonly<Record<string, number>>): void {
  sqs.on(ListQueuesCommand).resolves({ QueueUrls: Object.keys(messages).map(url) });
  for (const [name, count] of Object.entries(messages))
    sqs.on(GetQueueAttributesCommand, { QueueUrl: url(name) }).resolves({
      Attributes: { ApproximateNumberOfMessages: String(count), ApproximateNumberOfMessagesNotVisible: '0' },
    });
}

const quiet: StageStatus = {
  stage: 'production',
  rules: 'sha256:rules',
  eventsWaiting: 0,
  deadLetters: 0,
  deadLetterQueues: [],
  setAside: 0,
  night: {
    night: '2026-03-05',
    state: 'finished',
    due: 10,
    assessed: 10,
    changed: 2,
    setAside: 0,
    missed: 0,
    finishedAt: now,
  },
  sealAgeSeconds: 600,
  alerts: { urgent: 0, alert: 1, list: 3, overdue: 0 },
  staffWithoutMail: [],
};

describe('tandem status', () => {
  it('says that nothing waits for a person only where nothing does', () => {
    expect(findings(quiet)).toEqual([]);
    expect(inWords(quiet)).toContain('nothing waits for a person');
    expect(findings({ ...quiet, sealAgeSeconds: null, night: { night: '2026-03-05', state: 'none-yet' } })).toEqual([]);
  });

  it.each<[string, Partial<StageStatus>, RegExp]>([
    [
      'dead letters',
      { deadLetters: 1, deadLetterQueues: [{ name: 'Tandem-a-Scan-WatchdogDeadLetters1', messages: 1 }] },
      /^dead letters: docs\/operations.md#scan-watchdog-dead-letters$/,
    ],
    ['messages set aside', { setAside: 1 }, /events set-aside/],
    ['a night that did not start', { night: { night: '2026-03-05', state: 'not-started' } }, /#nightly-scan/],
    ['a night that did not finish', { night: { night: '2026-03-05', state: 'not-finished' } }, /#nightly-scan/],
    ['patients missed', { night: { ...quiet.night, missed: 1 } as StageStatus['night'] }, /missed/],
    ['patients set aside', { night: { ...quiet.night, setAside: 1 } as StageStatus['night'] }, /#patients-set-aside/],
    ['an old seal', { sealAgeSeconds: 601 }, /#audit-seal-missing/],
    ['an alert past its deadline', { alerts: { ...quiet.alerts, overdue: 1 } }, /alerts list/],
    ['staff without mail', { staffWithoutMail: ['t-7'] }, /staff list/],
  ])('names %s, and where to read on', (_name, change, line) => {
    const status = { ...quiet, ...change };
    expect(findings(status)).toEqual([expect.stringMatching(line)]);
    expect(inWords(status)).toContain(findings(status)[0]);
  });

  it('prints last night, seal, alerts, dead letters by queue, staff, and how to see the alarms', () => {
    const text = inWords({ ...quiet, deadLetters: 2, deadLetterQueues: [{ name: 'Q', messages: 2 }] });
    expect(text).toContain('2026-03-05: 10 due, 10 assessed, 2 changed, 0 set aside, 0 missed, finished');
    expect(text).toContain('newest seal: 600 seconds old');
    expect(text).toContain('0 urgent, 1 for the same day, 3 on the list; 0 past their deadline');
    expect(text).toContain('  Q: 2\n');
    expect(text).toContain('describe-alarms --alarm-name-prefix "Tandem-production-" --state-value ALARM');
  });
});

describe('the last night', () => {
  const run: NightRun = { night: '2026-03-05', rules: 'r', startedAt: now, until: null, finished: null };
  const nights = (night: NightRun | undefined, before: NightRun | undefined) => ({
    load: () => Promise.resolve(night),
    lastFinishedBefore: () => Promise.resolve(before),
  });

  it('is missing only where there was one before: a new stage owes none', async () => {
    expect(await lastNight(nights(undefined, undefined), exampleClinic, now)).toMatchObject({ state: 'none-yet' });
    expect(await lastNight(nights(undefined, run), exampleClinic, now)).toEqual({
      night: '2026-03-05',
      state: 'not-started',
    });
  });

  it('is told with its counts once it has ended', async () => {
    expect(await lastNight(nights(run, undefined), exampleClinic, now)).toMatchObject({ state: 'not-finished' });
    const result = { at: now, due: 3, assessed: 2, changed: 1, setAside: 1, missed: 0, seconds: 9 };
    expect(await lastNight(nights({ ...run, finished: result }, undefined), exampleClinic, now)).toEqual({
      night: '2026-03-05',
      state: 'finished',
      due: 3,
      assessed: 2,
      changed: 1,
      setAside: 1,
      missed: 0,
      finishedAt: now,
    });
  });
});

describe('open alerts', () => {
  it('are counted by tier over all pages; past its deadline is what two sweeps have not driven', async () => {
    const place = (dueAt: string) => ({ patient: 'p-1', alert: 'a-1', dueAt });
    const counts = await openAlerts(
      {
        due: (tier, _until, cursor) =>
          Promise.resolve(
            tier === 'urgent' && cursor === null
              ? { places: [place(later(now, -600_001)), place(later(now, -600_000))], cursor: 'more' }
              : { places: tier === 'list' ? [] : [place(later(now, 1))], cursor: null },
          ),
      },
      now,
    );
    expect(counts).toEqual({ urgent: 3, alert: 1, list: 0, overdue: 1 });
  });
});

describe('the queues of a stage', () => {
  it('are all of them, and none of another stage whose name begins the same', async () => {
    holding({
      'Tandem-a-Events-DoorQueue1': 5,
      'Tandem-a-Events-CanaryDeadLetters1': 0,
      'Tandem-a-b-Events-DoorQueue1': 7,
      'Tandem-a-Events-DoorUndelivered1': 2,
    });
    const queues = await queuesOf(client, 'a');
    expect(queues.map(({ name, messages, waitsForPerson }) => [name, messages, waitsForPerson])).toEqual([
      ['Tandem-a-Events-CanaryDeadLetters1', 0, true],
      ['Tandem-a-Events-DoorQueue1', 5, false],
      ['Tandem-a-Events-DoorUndelivered1', 2, true],
    ]);
    expect(sqs.commandCalls(ListQueuesCommand)[0]?.args[0].input).toMatchObject({ QueueNamePrefix: 'Tandem-a-' });
  });
});

describe('tandem events redrive', () => {
  it('sends what failed and what was not delivered to the event queue, and no call of a schedule', async () => {
    holding({
      'Tandem-a-Events-DoorDeadLetters1': 2,
      'Tandem-a-Events-DoorUndelivered1': 1,
      'Tandem-a-Events-CanaryDeadLetters1': 4,
    });
    const received = (...bodies: string[]) => ({
      Messages: bodies.map((Body) => ({ Body, ReceiptHandle: `r-${Body}` })),
    });
    sqs.on(ReceiveMessageCommand).resolves({});
    sqs
      .on(ReceiveMessageCommand, { QueueUrl: url('Tandem-a-Events-DoorDeadLetters1') })
      .resolvesOnce(received('one', 'two'))
      .resolves({});
    sqs
      .on(ReceiveMessageCommand, { QueueUrl: url('Tandem-a-Events-DoorUndelivered1') })
      .resolvesOnce(received('three'))
      .resolves({});
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: { Entries: { Id: string }[] }) => ({
      Successful: Entries.map(({ Id }) => ({ Id })),
    }));
    sqs.on(DeleteMessageBatchCommand).resolves({});

    expect(await redrive(client, 'a', url('events'))).toEqual({ moved: 3, left: 0 });
    const sent = sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => args[0].input);
    expect(sent.every(({ QueueUrl }) => QueueUrl === url('events'))).toBe(true);
    expect(sent.flatMap(({ Entries = [] }) => Entries.map(({ MessageBody }) => MessageBody))).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('deletes nothing that was not sent, and ends where nothing is taken any more', async () => {
    sqs.on(ReceiveMessageCommand).resolves({
      Messages: [
        { Body: 'one', ReceiptHandle: 'r1' },
        { Body: 'two', ReceiptHandle: 'r2' },
      ],
    });
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [{ Id: '1', MessageId: 'm', MD5OfMessageBody: '' }] })
      .resolves({ Successful: [] });
    sqs.on(DeleteMessageBatchCommand).resolves({});
    expect(await moveMessages(client, 'from', 'to')).toBe(1);
    const deleted = sqs.commandCalls(DeleteMessageBatchCommand).map(({ args }) => args[0].input.Entries);
    expect(deleted).toEqual([[{ Id: '1', ReceiptHandle: 'r2' }]]);
  });
});
