import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alert, endedAlert, hasEnded, newAlert, raisedAlert, withEvidence } from '../../functions/domain/alert.ts';
import { type AlertTrigger, type Transition, transition } from '../../functions/domain/alert-lifecycle.ts';
import { fromEpoch, toEpoch } from '../../functions/domain/epoch.ts';
import type { EscalationPlan } from '../../functions/domain/escalation-plan.ts';
import { runs } from '../example-clinic.ts';
import { AlertUnderTest, escalationOf, planOf } from '../example-escalation.ts';

const minute = 60_000;
const start = Date.UTC(2026, 2, 2, 6);
const { tiers } = escalationOf();
const withPolicy = (answer: string) =>
  planOf({ tiers: Object.fromEntries(Object.entries(tiers).map(([tier, plan]) => [tier, { ...plan, answer }])) });
const plans: readonly EscalationPlan[] = [withPolicy('one'), withPolicy('each')];

/** Everything that can happen, at any moment, in any order. */
const people = fc.constantFrom('t-7', 't-8', 's-1', 'l-1', 'c-1', 'nobody');
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 600 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('jump' as const), minutes: fc.integer({ min: -3000, max: 9000 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deadline' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'acknowledge' as const,
        'snooze' as const,
        'resolve' as const,
        'try-again' as const,
        'look' as const,
      ),
      by: people,
      stale: fc.boolean(),
      minutes: fc.integer({ min: -10, max: 2000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('sent' as const, 'undeliverable' as const), place: fc.nat(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('evidence' as const, 'worse' as const, 'withdrawn' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('therapist' as const), to: fc.constantFrom('t-7', 't-8', 't-99', null) }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function triggerOf(one: Happening, { alert, now }: AlertUnderTest): AlertTrigger | null {
  switch (one.kind) {
    case 'deadline':
      return { kind: 'deadline' };
    case 'sent':
      return { kind: 'sent', messages: alert.outbox.slice(0, one.place).map(({ id }) => id) };
    case 'undeliverable':
      return { kind: 'undeliverable', message: alert.outbox[one.place]?.id ?? 'm-unknown' };
    case 'look':
      return { kind: 'seen', by: one.by, source: 'portal' };
    case 'acknowledge':
    case 'snooze':
    case 'resolve':
    case 'try-again': {
      const answer = { by: one.by, version: alert.version - (one.stale ? 1 : 0), source: 'portal' };
      const until = fromEpoch(toEpoch(now) + one.minutes * minute);
      if (one.kind === 'acknowledge') return { ...answer, kind: 'acknowledge' };
      if (one.kind === 'snooze') return { ...answer, kind: 'snooze', until, reason: 'in-contact' };
      const outcome =
        one.kind === 'resolve' ? ({ code: 'reached' } as const) : ({ code: 'not-reached', nextTry: until } as const);
      return { ...answer, kind: 'resolve', outcome };
    }
    default:
      return null;
  }
}

/** One happening to an alert that has not ended. */
function play(life: AlertUnderTest, one: Happening): Transition | null {
  if (one.kind === 'wait' || one.kind === 'jump') life.wait(one.minutes);
  if (one.kind === 'therapist') life.therapist = one.to;
  if (one.kind === 'evidence') life.alert = withEvidence(life.alert, []);
  if (one.kind === 'worse') life.alert = raisedAlert(life.alert, 'urgent', [], life.now);
  if (one.kind === 'withdrawn') life.alert = endedAlert(life.alert, 'withdrawn', 'entered in error');
  const trigger = triggerOf(one, life);
  if (trigger === null) return null;
  const before = life.alert;
  const next = life.tell(trigger);
  expect(next === null ? [] : broken(before, trigger, next, life.now)).toEqual([]);
  // A crash after the commit, or a second delivery: the same once more adds no message and changes nothing.
  const after = life.alert;
  const again = hasEnded(after) ? null : life.tell(trigger);
  expect(again?.messages ?? []).toEqual([]);
  expect(life.alert).toEqual(after);
  return next;
}

/** The rules that a transition breaks. */
function broken(before: Alert, trigger: AlertTrigger, next: Transition, now: string): string[] {
  const { alert, messages, audit, result } = next;
  const asks = messages.filter(({ kind }) => kind === 'alert' || kind === 'reminder' || kind === 'raised');
  const isAnswered = before.status === 'acknowledged' && alert.status === 'acknowledged';
  const rules: [string, boolean][] = [
    ['has a reason', audit.reason !== ''],
    ['is not early', trigger.kind !== 'deadline' || (before.nextActionAt ?? '') <= now],
    [
      'a look or a refusal changes nothing',
      (result === 'done' && trigger.kind !== 'seen') || (alert === before && !audit.changed),
    ],
    [
      'whose answer is waited for hears of it',
      asks.length === 0 || asks.map(({ to }) => to).join() === alert.asked.join(),
    ],
    ['there is time to answer', asks.length === 0 || (alert.nextActionAt ?? '') > now],
    ['only what is open asks', asks.length === 0 || alert.status === 'open' || alert.status === 'overdue'],
    ['acknowledged asks nobody', !isAnswered || asks.length === 0],
    ['its history tells each change once', happened(alert) === happened(before) + (alert === before ? 0 : 1)],
  ];
  return rules.flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

function happened({ history: { earlier, kept } }: Alert): number {
  return earlier + kept.length;
}

/** The invariants that an alert breaks, and its messages so far. */
function violated({ alert, log }: AlertUnderTest): string[] {
  const { status, nextActionAt, asked, acknowledgedBy, outbox, step, tier } = alert;
  const ended = hasEnded(alert);
  const responsible = status === 'acknowledged' || status === 'snoozed' ? acknowledgedBy : asked;
  const ids = log.flatMap(({ messages }) => messages.map(({ id }) => id));
  const rules: [string, boolean][] = [
    ['nothing is sent after the end', !ended || (nextActionAt === null && asked.length === 0 && outbox.length === 0)],
    ['an open alert has a next deadline', ended || nextActionAt !== null],
    ['an open alert has a person once a step was taken', ended || step === null || responsible.length > 0],
    ['what is urgent is never put off', tier !== 'urgent' || status !== 'snoozed'],
    ['each message has an id of its own', new Set(ids).size === ids.length],
    ['its history stays small', JSON.stringify(alert.history).length < 20 * 1024],
  ];
  return rules.flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

const cases = fc.record({
  tier: fc.constantFrom('urgent' as const, 'alert' as const, 'list' as const),
  plan: fc.constantFrom(...plans),
  happenings: fc.array(happening, { maxLength: 40 }),
});

describe('an alert, whatever happens to it in any order', () => {
  it('has a next deadline and a person while it is open, and nothing is sent after its end', () => {
    fc.assert(
      fc.property(cases, ({ tier, plan, happenings }) => {
        const life = new AlertUnderTest(tier, plan, fromEpoch(start));
        for (const one of happenings) {
          if (hasEnded(life.alert)) break;
          play(life, one);
          expect(violated(life)).toEqual([]);
        }
      }),
      { seed: 6, numRuns: runs(2000) },
    );
  });

  it('has a timed path that leads to the supervisor as long as nobody answers (E06), and no one is never told', () => {
    fc.assert(
      fc.property(cases, ({ tier, plan, happenings }) => {
        const life = new AlertUnderTest(tier, plan, fromEpoch(start));
        for (const one of happenings) if (!hasEnded(life.alert)) play(life, one);
        if (hasEnded(life.alert)) return;
        const told: string[] = [];
        // At most: hold, wake or overdue, hold, and every step of the plan twice.
        for (let look = 0; look < 12 && !told.includes('s-1'); look += 1) {
          if ((life.alert.nextActionAt ?? '') > life.now) life.now = life.alert.nextActionAt ?? life.now;
          told.push(...(life.tell({ kind: 'deadline' })?.messages.map(({ to }) => to) ?? []));
        }
        expect(told).toContain('s-1');
      }),
      { seed: 7, numRuns: runs(500) },
    );
  });

  it('asks nobody between an acknowledgement and the moment its outcome is due', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 100 }), ({ tier, plan, happenings }, share) => {
        const life = new AlertUnderTest(tier, plan, fromEpoch(start));
        for (const one of happenings) {
          if (hasEnded(life.alert)) return;
          play(life, one);
          const { status, nextActionAt } = life.alert;
          if (status !== 'acknowledged' || nextActionAt === null || nextActionAt <= life.now) continue;
          const left = toEpoch(nextActionAt) - toEpoch(life.now);
          const now = fromEpoch(toEpoch(life.now) + Math.floor((left * share) / 101));
          const { alert, therapist, sequence } = life;
          expect(transition(alert, { kind: 'deadline' }, { plan, therapist, now, sequence })).toBeNull();
        }
      }),
      { seed: 8, numRuns: runs(500) },
    );
  });
});

describe('1,000 alerts under a sweep every five minutes (E07)', () => {
  const waits = [15, 30, 60];
  const steps = ['caseload-owner', 'supervisor', 'clinical-lead'].map((role, index) => ({
    notify: [role],
    wait: { minutes: waits[index] },
  }));
  const plan = planOf({ tiers: { ...tiers, urgent: { ...tiers.urgent, steps } } });

  it('no step comes early, and none more than one sweep late', () => {
    const openings = fc.sample(fc.integer({ min: 0, max: 24 * 3600 }), { numRuns: 1000, seed: 9 });
    const late: number[] = [];
    for (const second of openings) {
      const opened = start + second * 1000;
      let alert = newAlert({ id: `a-${second}`, cause: 'safety', tier: 'urgent', evidence: [] }, fromEpoch(opened));
      const asked: number[] = [];
      // The stream drives a new alert at once; after that only the sweep looks.
      const sweeps = Array.from(
        { length: 60 },
        (_, index) => start + (Math.floor(second / 300) + 1 + index) * 5 * minute,
      );
      for (const at of [opened, ...sweeps]) {
        const on = { therapist: 't-7', plan, now: fromEpoch(at), sequence: asked.length };
        const next = transition(alert, { kind: 'deadline' }, on);
        if (next === null) continue;
        alert = next.alert;
        asked.push(at);
      }
      expect(asked.length).toBeGreaterThan(3);
      for (const [index, at] of asked.entries()) {
        const due = index === 0 ? opened : (asked[index - 1] ?? 0) + (waits[Math.min(index, 3) - 1] ?? 0) * minute;
        late.push(at - due);
      }
    }
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(5 * minute);
  });
});
