import { beforeEach, describe, expect, it } from 'vitest';
import { claimMilliseconds } from '../../functions/dispatch-alert.ts';
import { answerWaits, latestSeconds } from '../../functions/domain/answer-wait.ts';
import { hours, later } from '../../functions/domain/instant.ts';
import { crashing, minutes, opened } from '../alert-desk.ts';
import { WorkflowDesk } from '../alert-workflow-desk.ts';
import { definitionOf } from '../clocked-machine.ts';

const { States } = definitionOf('therapist-alert');
const day = 24 * hours;

let desk: WorkflowDesk;
beforeEach(() => {
  desk = new WorkflowDesk();
});

const acknowledge = (by: string, version = 1) => ({ kind: 'acknowledge', by, version, source: 'portal' }) as const;
const resolve = (by: string, version = 1) =>
  ({ kind: 'resolve', by, version, outcome: { code: 'reached' }, source: 'portal' }) as const;

describe('the workflow of an alert, with no sweep at all', () => {
  it('sends an urgent alert at once, and asks the next person at the deadline: never early, a minute late at most (E07)', async () => {
    await desk.open('a-1', 'urgent');
    await desk.runFor(0);
    expect(desk.recipients).toEqual(['t-7']);
    await desk.runFor(30 * minutes - 1);
    expect(desk.recipients).toEqual(['t-7']);
    await desk.runFor(latestSeconds * 1000 + 1);
    expect(desk.recipients).toEqual(['t-7', 's-1']);
    await desk.runFor(31 * minutes);
    expect(desk.recipients).toEqual(['t-7', 's-1', 'l-1']);
    await desk.runFor(16 * minutes);
    expect(desk.recipients.slice(3).toSorted()).toEqual(['l-1', 'o-1', 's-1']);
  });

  it('is over at the moment somebody resolves the alert, and nothing is sent after that (E04)', async () => {
    await desk.open('a-1', 'urgent');
    await desk.runFor(5 * minutes);
    await desk.tell('a-1', resolve('t-7'));
    await desk.runFor(0);
    expect(desk.execution('a-1')).toMatchObject({ status: 'SUCCEEDED', state: 'It is closed' });
    await desk.runFor(60 * day);
    await desk.replay();
    expect(desk.recipients).toEqual(['t-7']);
    expect(desk.machine.executions.size).toBe(1);
  });

  it('tells whoever else was asked at the moment somebody acknowledges, and asks again when no outcome comes (E08)', async () => {
    await desk.open('a-1', 'urgent');
    await desk.runFor(31 * minutes);
    await desk.tell('a-1', acknowledge('s-1'));
    await desk.runFor(0);
    expect(desk.recipients).toEqual(['t-7', 's-1', 't-7']);
    await desk.runFor(8 * hours - 1);
    expect(desk.recipients).toHaveLength(3);
    await desk.runFor(2 * minutes);
    expect(desk.recipients.slice(3)).toEqual(['s-1']);
    expect(await desk.alert('a-1')).toMatchObject({ status: 'overdue' });
  });

  it('holds the steps of a day’s alert until working hours, whatever was stopped and started meanwhile (E01)', async () => {
    desk.now = '2026-03-02T20:00:00.000Z';
    await desk.open('a-1', 'alert');
    await desk.runUntil('2026-03-03T08:59:59.999Z');
    expect(desk.recipients).toEqual([]);
    await desk.runUntil('2026-03-03T09:01:00.000Z');
    expect(desk.recipients).toEqual(['t-7']);
    await desk.runUntil('2026-03-03T13:01:00.000Z');
    expect(desk.recipients).toEqual(['t-7', 's-1']);
  });

  it('leaves what is on the list to the sweep, until it becomes more serious', async () => {
    await desk.open('a-1', 'list');
    await desk.runFor(day);
    expect([desk.machine.executions.size, desk.recipients]).toEqual([0, []]);
    await desk.raise('a-1', 'urgent');
    await desk.runFor(0);
    expect(desk.recipients).toEqual(['t-7']);
  });

  it('starts anew at the moment the alert becomes more serious, whatever was answered', async () => {
    await desk.open('a-1', 'alert');
    await desk.runFor(minutes);
    await desk.tell('a-1', acknowledge('t-7'));
    await desk.runFor(minutes);
    await desk.raise('a-1', 'urgent');
    await desk.runFor(0);
    expect(desk.recipients).toEqual(['t-7', 't-7']);
    expect(desk.machine.executions.size).toBe(1);
  });

  it('goes on by itself while a message cannot be sent, a minute later', async () => {
    await desk.open('a-1', 'urgent');
    desk.mail.send = () => Promise.reject(new Error('busy'));
    await desk.runFor(10 * minutes);
    expect(desk.recipients).toEqual([]);
    Reflect.deleteProperty(desk.mail, 'send');
    await desk.runFor(minutes);
    expect(desk.recipients).toEqual(['t-7']);
  });

  it('never sleeps through a change that falls between its look and its wait', async () => {
    await desk.open('a-1', 'urgent');
    desk.beforeStep = async ({ step }) => {
      if (step !== 'wait') return;
      // The driver sees the change before there is a token to wake anything with.
      desk.beforeStep = () => Promise.resolve();
      await desk.tell('a-1', resolve('t-7'));
      await desk.drive({ patient: 'p-a-1', alert: 'a-1' });
      desk.streaming = false;
    };
    await desk.runFor(0);
    expect(desk.execution('a-1')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is woken by nothing that leaves what it waits for as it is', async () => {
    await desk.open('a-1', 'urgent');
    await desk.runFor(minutes);
    const entered = desk.execution('a-1')?.entered.length;
    await desk.tell('a-1', { kind: 'seen', by: 't-7', source: 'portal' });
    await desk.replay();
    await desk.runFor(0);
    expect(desk.execution('a-1')?.entered).toHaveLength(entered ?? 0);
  });

  it('P10: its stream told again from the oldest change starts, changes and sends nothing', async () => {
    await desk.open('a-1', 'urgent');
    await desk.open('a-2', 'urgent');
    await desk.runFor(minutes);
    await desk.tell('a-2', resolve('t-7'));
    await desk.runFor(minutes);
    const before = [desk.recipients, desk.store.auditRecords('p-a-1').length, desk.store.auditRecords('p-a-2').length];
    for (let times = 0; times < 3; times += 1) await desk.replay();
    await desk.runFor(0);
    const after = [desk.recipients, desk.store.auditRecords('p-a-1').length, desk.store.auditRecords('p-a-2').length];
    expect(after).toEqual(before);
    expect(desk.machine.executions.size).toBe(2);
    expect(desk.execution('a-2')?.status).toBe('SUCCEEDED');
  });
});

describe('what becomes of an alert whose workflow is lost', () => {
  it.each(['never started', 'stopped half-way'])('%s: it costs one sweep, and the alert goes on', async (how) => {
    desk.sweepsEvery = 5;
    desk.streaming = how !== 'never started';
    await desk.open('a-1', 'urgent');
    await desk.runFor(5 * minutes);
    desk.machine.stop('a-1');
    expect(desk.recipients).toEqual(['t-7']);
    await desk.runFor(35 * minutes);
    expect(desk.recipients).toEqual(['t-7', 's-1']);
    await desk.tell('a-1', acknowledge('s-1'));
    await desk.runFor(5 * minutes);
    expect(desk.recipients).toEqual(['t-7', 's-1', 't-7']);
    await desk.tell('a-1', resolve('s-1'));
    await desk.runFor(day);
    expect(desk.recipients).toHaveLength(3);
    expect(desk.machine.executions.size).toBe(how === 'never started' ? 0 : 1);
  });

  it('a sweep beside a workflow sends nothing twice', async () => {
    desk.sweepsEvery = 1;
    await desk.open('a-1', 'urgent');
    await desk.runFor(62 * minutes);
    expect(desk.recipients).toEqual(['t-7', 's-1', 'l-1']);
  });

  it('gives up after half an hour of failing, and says so by its end', async () => {
    await desk.open('a-1', 'urgent');
    desk.store.patients.load = () => Promise.reject(new Error('away'));
    await desk.runFor(2 * hours);
    expect(desk.execution('a-1')).toMatchObject({ status: 'FAILED', state: 'It could not be told' });
    Reflect.deleteProperty(desk.store.patients, 'load');
    await desk.sweep();
    expect(desk.recipients).toEqual(['t-7']);
  });

  it('looks every minute where it cannot wait, and misses nothing', async () => {
    await desk.open('a-1', 'urgent');
    desk.store.alertTokens.keep = () => Promise.reject(new Error('away'));
    await desk.runFor(32 * minutes);
    expect(desk.recipients).toEqual(['t-7', 's-1']);
    await desk.tell('a-1', resolve('t-7'));
    await desk.runFor(minutes);
    expect(desk.execution('a-1')).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is handed to the sweep before its history is longer than Step Functions keeps', async () => {
    desk.sweepsEvery = 5;
    await desk.open('a-1', 'urgent');
    await desk.runFor(6 * day);
    expect(desk.execution('a-1')).toMatchObject({ status: 'SUCCEEDED', state: 'The sweep goes on' });
    const before = desk.recipients.length;
    await desk.runFor(hours);
    expect(desk.recipients.length).toBeGreaterThan(before);
    // A state that calls takes five events of the history, one more where it waits for an answer, and three for each further try.
    const tries = States['Tell who is next']?.Retry?.[0]?.MaxAttempts ?? Number.NaN;
    const rounds = Number(/round >= (\d+)/.exec(JSON.stringify(States['Is it still open?']))?.[1]);
    expect(rounds * (5 + 3 * tries + 2 + 6 + 2)).toBeLessThan(25_000);
  });
});

describe('a crash', () => {
  const places = Array.from({ length: 60 }, (_, place) => place + 1).flatMap((at) =>
    (['before', 'after'] as const).map((when) => ({ at, when })),
  );

  it.each([null, 5])(
    'before or after any call of driver and steps never leaves a person unasked (a sweep every %s minutes)',
    async (sweepsEvery) => {
      let fired = 0;
      for (const { at, when } of places) {
        const crash = crashing(at, when);
        desk = new WorkflowDesk(crash.faults);
        desk.sweepsEvery = sweepsEvery;
        desk.afterFailure = crash.restart;
        await desk.open('a-1', 'urgent');
        crash.arm();
        await desk.runFor(35 * minutes);
        crash.restart();
        if (crash.fired()) fired += 1;
        const counts = (people: string[]) => people.map((one) => desk.recipients.filter((to) => to === one).length);
        for (const count of counts(['t-7', 's-1'])) {
          expect([at, when, count]).toEqual([at, when, expect.toSatisfy((many: number) => many === 1 || many === 2)]);
        }
        expect((await desk.alert('a-1'))?.outbox).toEqual([]);

        await desk.tell('a-1', resolve('s-1'));
        const sent = desk.recipients.length;
        await desk.runFor(claimMilliseconds);
        expect([at, when, desk.execution('a-1')?.status]).toEqual([at, when, 'SUCCEEDED']);
        await desk.runFor(day);
        expect(desk.recipients).toHaveLength(sent);
      }
      expect(fired).toBeGreaterThan(80);
    },
  );

  it('that loses a change for good is made good by the sweep', async () => {
    for (const { at, when } of places.slice(0, 40)) {
      const crash = crashing(at, when);
      desk = new WorkflowDesk(crash.faults);
      desk.sweepsEvery = 5;
      // As where the stream drops a record that failed: the driver is never asked again.
      desk.afterFailure = () => {
        crash.restart();
        desk.streaming = false;
      };
      await desk.open('a-1', 'urgent');
      crash.arm();
      await desk.runFor(42 * minutes);
      crash.restart();
      expect([at, when, desk.recipients.includes('t-7'), desk.recipients.includes('s-1')]).toEqual([
        at,
        when,
        true,
        true,
      ]);
    }
  });
});

describe('the waits', () => {
  it('are the literal time-outs of the states that the workflow chooses between (P01)', () => {
    const seconds = (name: string) => States[name]?.TimeoutSeconds;
    expect(answerWaits).toEqual({
      fourHours: seconds('Wait four hours for an answer'),
      quarter: seconds('Wait a quarter of an hour for an answer'),
      minute: seconds('Wait a minute for an answer'),
    });
    const waiting = Object.values(States).filter(({ Resource = '' }) => Resource.endsWith('.waitForTaskToken'));
    expect(waiting).toHaveLength(3);
    for (const { Catch = [] } of waiting)
      expect(Catch[0]).toMatchObject({ ErrorEquals: ['States.Timeout'], Next: 'Tell who is next' });
  });

  it('P23: need no HeartbeatSeconds and no time-out worked out at run time, which an emulator takes for nothing', () => {
    const text = JSON.stringify(definitionOf('therapist-alert'));
    expect(text).not.toMatch(/Heartbeat|SecondsPath/);
    for (const { TimeoutSeconds = 1 } of Object.values(States)) expect(Number.isInteger(TimeoutSeconds)).toBe(true);
  });

  it('follow any deadline of the plan: a day’s alert takes few rounds', async () => {
    await desk.open('a-1', 'alert');
    await desk.runUntil(later(opened, 3 * day));
    expect(desk.execution('a-1')?.entered.filter((name) => name === 'Tell who is next').length).toBeLessThan(120);
  });
});
