import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { claimMilliseconds } from '../../functions/dispatch-alert.ts';
import { type Alert, hasEnded } from '../../functions/domain/alert.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { crashing, minutes } from '../alert-desk.ts';
import { WorkflowDesk } from '../alert-workflow-desk.ts';
import { runs } from '../example-clinic.ts';

type Happening =
  | { readonly what: 'time'; readonly minutes: number }
  | { readonly what: 'acknowledge' | 'resolve' | 'raise' | 'snooze' | 'stop' | 'deaf' | 'hear' | 'replay' }
  | { readonly what: 'crash'; readonly at: number; readonly when: 'before' | 'after' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('time' as const), minutes: fc.integer({ min: 0, max: 90 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('acknowledge', 'resolve', 'raise', 'snooze', 'stop', 'deaf', 'hear', 'replay'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('crash' as const),
      at: fc.integer({ min: 1, max: 25 }),
      when: fc.constantFrom('before', 'after'),
    }),
  },
);

/** One sweep, one claim of a run that died right before it, and one more sweep. */
const latest = 5 * minutes + claimMilliseconds + 5 * minutes;

/** What must never be true of an open alert. */
function neglects(alert: Alert, now: Instant): string[] {
  const { outbox, asked, acknowledgedBy, nextActionAt } = alert;
  return [
    ...(hasEnded(alert) ? ['it is kept though it has ended'] : []),
    ...(outbox.length > 0 ? ['a message was not sent'] : []),
    ...(asked.length + acknowledgedBy.length === 0 ? ['nobody is asked and nobody has it'] : []),
    ...(nextActionAt === null || later(nextActionAt, latest) <= now ? ['its deadline was overlooked'] : []),
  ];
}

it('whatever answers, crashes, lost changes and stopped workflows come in any order: nobody is left unasked, and nothing is sent after the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('urgent' as const, 'alert' as const),
      fc.array(happening, { minLength: 1, maxLength: 25 }),
      async (tier, happenings) => {
        let crash = crashing(0, 'before');
        const desk = new WorkflowDesk({
          before: () => crash.faults.before(),
          after: () => crash.faults.after(),
        });
        desk.sweepsEvery = 5;
        desk.afterFailure = () => crash.restart();
        await desk.open('a-1', tier);
        let crashes = 0;
        for (const one of happenings) {
          const alert = await desk.alert('a-1');
          const answer = { by: 's-1', version: alert?.version ?? 0, source: 'portal' };
          switch (one.what) {
            case 'time':
              await desk.runFor(one.minutes * minutes);
              break;
            case 'acknowledge':
              await desk.tell('a-1', { kind: 'acknowledge', ...answer });
              break;
            case 'resolve':
              await desk.tell('a-1', { kind: 'resolve', ...answer, outcome: { code: 'reached' } });
              break;
            case 'snooze': {
              const until = later(desk.now, 60 * minutes);
              await desk.tell('a-1', { kind: 'snooze', ...answer, until, reason: 'in-contact' });
              break;
            }
            case 'raise':
              if (alert !== undefined && alert.tier !== 'urgent') await desk.raise('a-1', 'urgent');
              break;
            case 'stop':
              desk.machine.stop('a-1');
              break;
            case 'deaf':
              desk.streaming = false;
              break;
            case 'hear':
              desk.streaming = true;
              break;
            case 'replay':
              await desk.replay();
              break;
            case 'crash':
              crash = crashing(one.at, one.when);
              crash.arm();
              await desk.runFor(30 * minutes);
              crash.restart();
              if (crash.fired()) crashes += 1;
          }
        }
        await desk.runFor(latest);

        const alert = await desk.alert('a-1');
        expect(alert === undefined ? [] : neglects(alert, desk.now)).toEqual([]);
        const sent = desk.store
          .auditRecords('p-a-1')
          .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)) as { action: string });
        const recorded = sent.filter(({ action }) => action === 'alert.sent').length;
        expect(desk.recipients.length).toBeGreaterThanOrEqual(recorded);
        expect(desk.recipients.length).toBeLessThanOrEqual(recorded + crashes);

        const before = desk.recipients.length;
        if (alert !== undefined)
          await desk.tell('a-1', {
            kind: 'resolve',
            by: 's-1',
            version: alert.version,
            outcome: { code: 'reached' },
            source: 'portal',
          });
        await desk.replay();
        await desk.runFor(3 * 24 * 60 * minutes);
        expect(desk.recipients).toHaveLength(before);
        expect(desk.machine.executions.size).toBeLessThanOrEqual(1);
        expect(desk.execution('a-1')?.status).not.toBe('RUNNING');
      },
    ),
    { numRuns: runs(60), seed: 42 },
  );
});

it('E07: without any sweep no step comes early, or more than a minute late, over 1,000 simulated alerts', async () => {
  const waits = [30, 30, 15];
  const late: number[] = [];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 86_399_999 }), async (offset) => {
      const desk = new WorkflowDesk();
      desk.now = later(desk.now, offset);
      const start = desk.now;
      const asked: string[] = [];
      desk.mail.send = async (to) => {
        if (to !== 'o-1') asked.push(desk.now);
      };
      await desk.open('a-1', 'urgent');
      await desk.runUntil(later(start, 70 * minutes));
      let due = start;
      expect(asked).toHaveLength(3);
      for (const [step, at] of asked.entries()) {
        late.push(Date.parse(at) - Date.parse(due));
        due = later(at, (waits[step] ?? 0) * minutes);
      }
    }),
    { numRuns: 1000, seed: 7 },
  );
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThanOrEqual(minutes);
}, 120_000);
