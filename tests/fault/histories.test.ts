import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { redrive } from '../../bin/commands/redrive.ts';
import { messagesIn, queuesOf } from '../../bin/queues.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { faultsAt } from '../emulator/fault-proxy.ts';
import { inboxOfStaff } from '../emulator/inbox.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed, onBus } from '../end-to-end/deployed.ts';
import { expectEachOnce } from '../end-to-end/whole-history.ts';
import { exampleClinic } from '../example-clinic.ts';
import { type EmulatedHistory, emulatedHistory, everyFault, nameOf, worstAnswer } from './emulated-history.ts';
import { comeAgainAfter, throughProxy } from './through-proxy.ts';

const proxy = inject('faultProxy');
const firstSeed = 1;
const only = process.env['TANDEM_FAULT_SEED'];
const long = process.env['TANDEM_LONG'] !== undefined;
const histories = long ? 300 : 8;
const stage = 'local';

/** Each history has patients of its own; what a failing one leaves behind would be in the way of the next, so the run ends with it. */
describe.skipIf(proxy === null)('histories on the emulator', () => {
  const faults = faultsAt(proxy ?? '');
  let stack: Deployed;
  let lambda: LambdaClient;
  let sqs: SQSClient;
  let inbox: string;
  /** E-mails about each alert, by its id. */
  const mail = new Map<string, number>();

  beforeAll(async () => {
    stack = deployed();
    lambda = new LambdaClient({});
    sqs = new SQSClient({});
    const everybody = exampleClinic.escalation.staff.map(({ id }) => id);
    inbox = await inboxOfStaff(stack.output('StaffTopicPrefix'), everybody);
    await throughProxy(stack, proxy ?? '', ['EventIntake', 'AlertSweep']);
  });

  it('whatever goes wrong: each event has its effect once, with its record, nothing is lost, and danger is told', async () => {
    const seeds = only === undefined ? Array.from({ length: histories }, (_, n) => firstSeed + n) : [Number(only)];
    const fired = new Set<string>();
    const counts = { events: 0, faults: 0, deadLetters: 0, urgent: 0, mailFaults: 0 };
    const from = performance.now();
    for (const seed of seeds) {
      try {
        const history = emulatedHistory(seed);
        const played = await play(history);
        await expectInvariants(history, played.alerts);
        for (const name of played.fired) fired.add(name);
        counts.events += [...history.events.values()].flat().length;
        counts.faults += played.fired.length;
        counts.deadLetters += played.deadLetters;
        counts.urgent += played.urgent;
        counts.mailFaults += played.mailFaults;
      } catch (error) {
        throw new Error(`TANDEM_FAULT_SEED=${seed} repeats this history`, { cause: error });
      }
      if (seed % 25 === 0)
        process.stderr.write(
          `${seed} histories, ${Math.round((performance.now() - from) / 1000)} s: ${JSON.stringify(counts)}\n`,
        );
    }
    if (only !== undefined) return;
    // Histories strike commits with everything in turn; a sample of them with most of it.
    expect([...fired]).toEqual(expect.arrayContaining(everyFault));
    expect(counts.mailFaults).toBeGreaterThan(0);
    expect(counts.deadLetters).toBeGreaterThanOrEqual(long ? 1 : 0);
  }, 10_800_000);

  async function play({ events, senders, rules, mailRule }: EmulatedHistory) {
    await comeAgainAfter(stack, 2);
    const { fired } = await faults.during(rules, async () => {
      await Promise.all(senders.map((share) => stack.bus.put(share.map(onBus))));
      await until('the messages to be taken, or given up', isTaken, { limitSeconds: 180 });
    });
    // A history in which nothing went wrong proves nothing.
    expect(fired).not.toEqual([]);
    const names = fired.map(({ operation }) => {
      const rule = rules.find((one) => one.operation === operation);
      if (rule === undefined) throw new Error('no rule of this history asked for this fault');
      return nameOf(rule);
    });

    // Nothing goes wrong any more, so nothing that is only slow may be delivered until it lies dead again.
    await comeAgainAfter(stack, 60);
    const { moved: deadLetters, left } = await redrive(sqs, stage, stack.output('EventsQueueUrl'));
    expect(left).toBe(0);
    await until('the redriven to be taken', isTaken, { limitSeconds: 180 });
    expect(await lyingDead()).toEqual([]);

    const inDanger = [...events].filter(([, theirs]) => worstAnswer(theirs) === 3);
    let mailFaults = 0;
    if (inDanger.length > 0) {
      mailFaults = (await faults.during([mailRule], sweep)).fired.length;
      await sweep();
    }
    return { fired: names, deadLetters, urgent: inDanger.length, mailFaults, alerts: await mailSoFar() };
  }

  async function expectInvariants({ events }: EmulatedHistory, mailed: ReadonlyMap<string, number>): Promise<void> {
    expect(await stack.setAsides.list()).toEqual([]);
    await Promise.all([...events].map(([patient, theirs]) => expectTold(patient, theirs, mailed)));
  }

  async function expectTold(vendorId: string, events: readonly ClinicalEvent[], mailed: ReadonlyMap<string, number>) {
    const { alerts } = await expectEachOnce(stack, vendorId, events);
    const worst = worstAnswer(events);
    const safety = alerts.filter(({ cause }) => cause === 'safety');
    expect(safety).toHaveLength(worst > 0 ? 1 : 0);
    for (const { id, tier, outbox } of safety) {
      if (worst === 3) expect(tier).toBe('urgent');
      if (worst === 3) expect(outbox).toEqual([]);
      if (worst === 3) expect(mailed.get(id) ?? 0).toBeGreaterThanOrEqual(1);
    }
  }

  /** Whether nothing is left in the queue of events, nor in the hands of the function. */
  async function isTaken(): Promise<boolean> {
    return (await messagesIn(sqs, stack.output('EventsQueueUrl'))) === 0;
  }

  async function lyingDead() {
    return (await queuesOf(sqs, stage)).filter(({ waitsForPerson, messages }) => waitsForPerson && messages > 0);
  }

  async function sweep(): Promise<void> {
    const { FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: stack.output('AlertSweepFunction'), Payload: '{"step":"sweep"}' }),
    );
    expect(FunctionError).toBeUndefined();
  }

  async function mailSoFar(): Promise<ReadonlyMap<string, number>> {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: inbox, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
      );
      if (Messages.length === 0) return mail;
      for (const { Body = '' } of Messages) {
        const alert = /a-[0-9a-f]{26}/.exec(Body)?.[0];
        if (alert !== undefined) mail.set(alert, (mail.get(alert) ?? 0) + 1);
      }
    }
  }
});
