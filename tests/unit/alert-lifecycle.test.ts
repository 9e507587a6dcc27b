import { describe, expect, it } from 'vitest';
import { endedAlert, hasEnded, raisedAlert, withEvidence } from '../../functions/domain/alert.ts';
import { noHistory, withHappening } from '../../functions/domain/alert-history.ts';
import { type Outcome, outcomeSchema } from '../../functions/domain/alert-outcome.ts';
import { AlertUnderTest, escalationOf, planOf, wordsOf } from '../example-escalation.ts';

const tiers = escalationOf().tiers;
const staff = escalationOf().staff;
const both = planOf({
  tiers: {
    ...tiers,
    urgent: {
      ...tiers.urgent,
      answer: 'each',
      steps: [{ notify: ['caseload-owner', 'supervisor'], wait: { minutes: 30 } }, ...tiers.urgent.steps.slice(1)],
    },
  },
});
const without = (...ids: string[]) => planOf({ staff: staff.filter(({ id }) => !ids.includes(id)), absences: [] });

const acknowledgedAtNight = () => {
  const urgent = new AlertUnderTest('urgent', planOf(), '2026-03-02T22:00:00.000Z');
  urgent.therapist = 't-8';
  urgent.drive();
  urgent.acknowledge('s-1');
  return urgent;
};

const notReached = (life: AlertUnderTest, nextTry: string) =>
  life.tell({
    kind: 'resolve',
    by: 't-7',
    version: life.alert.version,
    outcome: { code: 'not-reached', nextTry },
    source: 'portal',
  });

const undeliverable = (life: AlertUnderTest, place = 0) =>
  life.tell({ kind: 'undeliverable', message: life.alert.outbox[place]?.id ?? '' });

describe('an open alert', () => {
  it('asks the caseload owner, the supervisor, the clinical lead, then the lead and the supervisor again and again', () => {
    const urgent = new AlertUnderTest('urgent');
    expect(urgent.drive()).toEqual(['alert t-7']);
    expect(urgent.at('10:30').drive()).toEqual(['alert s-1']);
    expect(urgent.at('11:00').drive()).toEqual(['alert l-1']);
    const everyone = ['alert l-1', 'alert s-1', 'operator o-1'];
    expect(urgent.at('11:15').drive()).toEqual(everyone);
    expect(urgent.at('11:30').drive()).toEqual(everyone);
    expect(urgent.alert).toMatchObject({ status: 'open', step: 2, nextActionAt: '2026-03-02T11:45:00.000Z' });
    expect(urgent.log.at(-1)?.audit).toMatchObject({
      action: 'alert.notify',
      agent: { who: 'tandem', role: 'system' },
      reason: 'nobody has answered in time; the plan is at its end and repeats',
      changed: true,
    });
  });

  it('does nothing before its deadline, and nothing twice (E04: a replayed stream)', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    const { alert } = urgent;
    for (const time of ['10:00', '10:29', '09:00']) expect(urgent.at(time).tell({ kind: 'deadline' })).toBeNull();
    expect(urgent.alert).toBe(alert);
  });

  it('is only delayed by a clock that jumps: every step comes, each with its whole wait', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    expect(urgent.at('2026-03-05T08:00').drive()).toEqual(['alert s-1']);
    expect(urgent.drive()).toEqual([]);
    expect(urgent.wait(29).drive()).toEqual([]);
    expect(urgent.wait(1).drive()).toEqual(['alert l-1']);
  });

  it('goes to the supervisor at once where the patient has no therapist, and says so', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.therapist = null;
    expect(urgent.drive()).toEqual(['alert s-1']);
    expect(urgent.log[0]?.audit.reason).toBe('it was opened; step 1: the patient has no therapist');
    expect(urgent.alert.step).toBe(1);
  });

  it('skips at once a step for which nobody is there, and says so', () => {
    const urgent = new AlertUnderTest('urgent', without('s-1'));
    urgent.drive();
    expect(urgent.at('10:30').drive()).toEqual(['alert l-1']);
    expect(urgent.log[1]?.audit.reason).toBe(
      'nobody has answered in time; step 2: nobody with the role supervisor is there',
    );
  });

  it('looks up its people at each step, not at its start', () => {
    const urgent = new AlertUnderTest('urgent', planOf(), '2026-03-02T03:00:00.000Z');
    // At night t-7 cannot be asked: the supervisor stands in.
    expect(urgent.drive()).toEqual(['alert s-1']);
    const absent = new AlertUnderTest('urgent', planOf(), '2026-08-04T10:00:00.000Z');
    expect(absent.drive()).toEqual(['alert t-8']);
    absent.therapist = null;
    expect(absent.wait(30).drive()).toEqual(['alert s-1']);
  });

  it('asks people on leave rather than nobody, and the operators hear of it', () => {
    const away = ['s-1', 'l-1', 't-7'].map((id) => ({ staff: id, from: '2026-03-01', to: '2026-03-31', cover: 'o-1' }));
    const offDuty = staff.map((one) => (one.id === 'o-1' ? { ...one, reachable: 'working-hours' } : one));
    const plan = planOf({ staff: offDuty, absences: away });
    const urgent = new AlertUnderTest('urgent', plan, '2026-03-02T03:00:00.000Z');
    expect(urgent.drive()).toEqual(['alert l-1', 'alert s-1', 'operator o-1']);
    expect(urgent.log[0]?.audit.reason).toMatch(/^it was opened; step 1: nobody is there for t-7; step 2: .* repeats$/);
  });

  it('repeats its last step where the plan has become shorter meanwhile', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.at('10:30').drive();
    urgent.plan = planOf({ tiers: { ...tiers, urgent: { ...tiers.urgent, steps: tiers.urgent.steps.slice(0, 1) } } });
    expect(urgent.at('11:00').drive()).toEqual(['alert t-7', 'alert s-1', 'operator o-1']);
  });

  it('from each open state some timed path leads to the supervisor (E06)', () => {
    const starts: [string, (life: AlertUnderTest) => unknown][] = [
      ['open', () => null],
      ['acknowledged', (life) => life.acknowledge('t-7')],
      ['snoozed', (life) => life.snooze('t-7', '2026-03-02T12:00:00.000Z')],
      ['overdue', (life) => [life.acknowledge('t-7'), life.at('2026-03-05T10:00').drive()]],
    ];
    for (const [status, start] of starts) {
      const life = new AlertUnderTest('alert');
      life.drive();
      start(life);
      expect(life.alert.status).toBe(status);
      const asked: string[] = [];
      for (let look = 0; look < 5 && !asked.includes('alert s-1'); look += 1) {
        life.now = life.alert.nextActionAt ?? life.now;
        asked.push(...life.drive());
      }
      expect(asked).toContain('alert s-1');
    }
  });
});

describe('a step outside working hours', () => {
  const quick = [
    { notify: ['caseload-owner'], wait: { minutes: 15 } },
    { notify: ['supervisor'], wait: { minutes: 30 } },
    { notify: ['clinical-lead'], wait: { minutes: 30 } },
  ];
  const plan = planOf({ tiers: { ...tiers, alert: { ...tiers.alert, steps: quick } } });

  it('waits for the morning where the plan holds new steps (P24)', () => {
    const life = new AlertUnderTest('alert', plan, '2026-03-02T16:55:00.000Z');
    expect(life.drive()).toEqual(['alert t-7']);
    expect(life.alert.nextActionAt).toBe('2026-03-03T09:00:00.000Z');
    expect(life.at('17:10').drive()).toEqual([]);
    expect(life.at('2026-03-03T09:00').drive()).toEqual(['alert s-1']);
    expect(life.alert.nextActionAt).toBe('2026-03-03T09:30:00.000Z');
  });

  it('is never held where it is urgent (P24)', () => {
    const urgent = new AlertUnderTest('urgent', plan, '2026-03-02T16:55:00.000Z');
    urgent.drive();
    expect(urgent.at('17:25').drive()).toEqual(['alert s-1']);
  });

  it('is not held where the plan says so', () => {
    const open = planOf({ tiers: { ...tiers, alert: { ...tiers.alert, steps: quick, holdOutsideHours: false } } });
    const life = new AlertUnderTest('alert', open, '2026-03-02T16:55:00.000Z');
    life.drive();
    expect(life.at('17:10').drive()).toEqual(['alert s-1']);
  });

  it('is held by a stored moment: every process may restart meanwhile (E01)', () => {
    const life = new AlertUnderTest('alert', plan, '2026-03-02T06:00:00.000Z');
    expect(life.drive()).toEqual([]);
    expect(life.log[0]?.audit).toMatchObject({ action: 'alert.hold', reason: 'the next step waits for working hours' });
    const restored = new AlertUnderTest('alert', plan);
    restored.alert = JSON.parse(JSON.stringify(life.alert));
    expect(restored.at('08:59').drive()).toEqual([]);
    expect(restored.at('09:00').drive()).toEqual(['alert t-7']);
  });

  it('is held also where the sweep comes just after the end of the day', () => {
    const life = new AlertUnderTest('alert', plan, '2026-03-02T16:40:00.000Z');
    life.drive();
    expect(life.alert.nextActionAt).toBe('2026-03-02T16:55:00.000Z');
    expect(life.at('17:01').drive()).toEqual([]);
    expect(life.alert.nextActionAt).toBe('2026-03-03T09:00:00.000Z');
  });

  it('puts what is not urgent on the list at once, for whoever reads it in the morning', () => {
    const life = new AlertUnderTest('list', planOf(), '2026-03-02T02:00:00.000Z');
    expect(life.drive()).toEqual(['alert t-7']);
    expect(life.log[0]?.messages[0]).toMatchObject({ by: 'list', alertId: 'a-1' });
    // 24 working hours: three days, from Monday 09:00 on.
    expect(life.alert.nextActionAt).toBe('2026-03-05T09:00:00.000Z');
  });
});

describe('an acknowledgement', () => {
  it('stops the escalation, and the others who were asked are told once', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.at('10:30').drive();
    expect(wordsOf(urgent.acknowledge('t-7'))).toEqual(['told s-1']);
    expect(urgent.alert).toMatchObject({ status: 'acknowledged', acknowledgedBy: ['t-7'], asked: [] });
    expect(urgent.alert.outbox.map(({ kind }) => kind)).toEqual(['told']);
    expect(urgent.acknowledge('t-7')).toBeNull();
    for (const time of ['11:00', '15:00', '18:29']) expect(urgent.at(time).drive()).toEqual([]);
  });

  it('by somebody else comes late: it is recorded as seen, and the person is told who has it', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.acknowledge('t-7');
    expect(urgent.acknowledge('s-1')).toMatchObject({
      result: 'seen-late',
      audit: { reason: 'seen late: acknowledged by t-7', changed: false, agent: { who: 's-1', role: 'supervisor' } },
    });
    expect(urgent.alert.acknowledgedBy).toEqual(['t-7']);
  });

  it('counts before anybody was asked, and for an alert that is put off', () => {
    const life = new AlertUnderTest('alert');
    expect(life.acknowledge('t-7')).toMatchObject({ result: 'done' });
    life.snooze('t-7', '2026-03-02T12:00:00.000Z');
    expect(life.acknowledge('t-7')).toMatchObject({ result: 'done', alert: { status: 'acknowledged' } });
  });

  it.each(['t-8', 'c-1', 'o-1', 'nobody'])('of %s, who is not on the list, is refused and recorded', (by) => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    const { alert } = urgent;
    const next = urgent.acknowledge(by);
    expect(next).toMatchObject({
      result: 'refused-person',
      audit: { action: 'alert.acknowledge', outcome: 'refused', changed: false, agent: { who: by } },
      messages: [],
    });
    expect(next?.alert).toBe(alert);
    urgent.therapist = null;
    expect(urgent.acknowledge(by)).toMatchObject({ result: 'refused-person' });
  });

  it.each(['t-7', 's-1', 'l-1'])('of %s counts: the therapist, the supervisor, the clinical lead', (by) => {
    const urgent = new AlertUnderTest('urgent');
    expect(urgent.acknowledge(by)).toMatchObject({ result: 'done' });
  });

  it('of whoever stands in counts, and later too once that person was asked', () => {
    const urgent = new AlertUnderTest('urgent', planOf(), '2026-08-14T16:55:00.000Z');
    urgent.drive();
    urgent.at('2026-08-17T10:00');
    expect(urgent.acknowledge('t-8')).toMatchObject({ result: 'done' });
    const unasked = new AlertUnderTest('urgent', planOf(), '2026-08-14T10:00:00.000Z');
    expect(unasked.acknowledge('t-8')).toMatchObject({ result: 'done' });
  });

  it('of an alert that has changed since it was read is refused', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    const { version } = urgent.alert;
    urgent.alert = withEvidence(urgent.alert, []);
    expect(urgent.acknowledge('t-7', version)).toMatchObject({
      result: 'refused-version',
      audit: { outcome: 'refused', reason: 'it has changed since it was read' },
    });
  });

  it('typed in by an operator names both', () => {
    const urgent = new AlertUnderTest('urgent');
    const answer = { kind: 'acknowledge', by: 's-1', enteredBy: 'o-1', version: 1, source: 'command line' } as const;
    expect(urgent.tell(answer)?.audit).toMatchObject({ agent: { who: 's-1' }, detail: { enteredBy: 'o-1' } });
  });

  it('does not silence the others where each must answer, and the record shows who has (E17)', () => {
    const urgent = new AlertUnderTest('urgent', both);
    expect(urgent.drive()).toEqual(['alert t-7', 'alert s-1']);
    expect(urgent.acknowledge('t-7')).toMatchObject({
      audit: { reason: 'acknowledged; s-1 must answer, too', agent: { who: 't-7' } },
      alert: { status: 'open', asked: ['s-1'], acknowledgedBy: ['t-7'], nextActionAt: '2026-03-02T10:30:00.000Z' },
    });
    expect(urgent.alert.outbox.map(({ to }) => to)).toEqual(['s-1']);
    expect(urgent.acknowledge('t-7')).toBeNull();
    expect(urgent.acknowledge('s-1')).toMatchObject({
      alert: { status: 'acknowledged', acknowledgedBy: ['t-7', 's-1'] },
      messages: [],
    });
    const one = new AlertUnderTest('urgent');
    one.drive();
    expect(one.acknowledge('t-7')?.alert.status).toBe('acknowledged');
  });

  it('is asked of the next person in the place of the one who is missing (E17)', () => {
    const urgent = new AlertUnderTest('urgent', both);
    urgent.drive();
    urgent.acknowledge('s-1');
    // The supervisor has answered already: the clinical lead is next.
    expect(urgent.at('10:30').drive()).toEqual(['alert l-1']);
    expect(urgent.acknowledge('l-1')?.alert).toMatchObject({ status: 'acknowledged', acknowledgedBy: ['s-1', 'l-1'] });
  });

  it('asks everybody of the last step again where it is still not complete (E17)', () => {
    const urgent = new AlertUnderTest('urgent', both);
    urgent.drive();
    urgent.acknowledge('s-1');
    urgent.at('10:30').drive();
    expect(urgent.at('10:45').drive()).toEqual(['alert l-1', 'alert s-1', 'operator o-1']);
    urgent.acknowledge('s-1');
    expect(urgent.acknowledge('l-1')?.alert.status).toBe('acknowledged');
  });
});

describe('an acknowledged alert without an outcome', () => {
  it('asks the same person again, is overdue for all to see, and then goes on (E08)', () => {
    const urgent = acknowledgedAtNight();
    expect(urgent.at('2026-03-03T05:59').drive()).toEqual([]);
    expect(urgent.at('2026-03-03T06:00').drive()).toEqual(['reminder s-1']);
    expect(urgent.alert).toMatchObject({ status: 'overdue', step: 0, nextActionAt: '2026-03-03T06:30:00.000Z' });
    expect(urgent.log.at(-1)?.audit.reason).toBe('acknowledged by s-1, and no outcome came in time');
    expect(urgent.wait(30).drive()).toEqual(['alert s-1']);
    expect(urgent.wait(30).drive()).toEqual(['alert l-1']);
    expect(urgent.alert.status).toBe('overdue');
  });

  it('takes an old acknowledgement for what it is, and a new one as new', () => {
    const urgent = acknowledgedAtNight();
    const { version } = urgent.alert;
    urgent.at('2026-03-03T06:00').drive();
    expect(urgent.acknowledge('s-1', version)).toMatchObject({ result: 'refused-version' });
    expect(urgent.acknowledge('s-1')).toMatchObject({ result: 'done', alert: { status: 'acknowledged' } });
  });

  it('goes on at once where that person is gone', () => {
    const urgent = acknowledgedAtNight();
    urgent.plan = without('s-1');
    expect(urgent.at('2026-03-03T06:00').drive()).toEqual(['alert l-1']);
    expect(urgent.alert).toMatchObject({ status: 'overdue', step: 2 });
    const last = new AlertUnderTest('urgent');
    last.acknowledge('t-7');
    last.plan = planOf({
      staff: staff.filter(({ id }) => id !== 't-7'),
      absences: [],
      tiers: { ...tiers, urgent: { ...tiers.urgent, steps: tiers.urgent.steps.slice(0, 1) } },
    });
    expect(last.at('18:00').drive()).toEqual(['alert s-1', 'operator o-1']);
  });
});

describe('an alert that is put off', () => {
  it('is silent until then, then asks exactly once whoever is on duty (E11)', () => {
    const life = new AlertUnderTest('alert');
    life.drive();
    expect(life.snooze('t-7', '2026-03-02T11:00:00.000Z')).toMatchObject({
      alert: { status: 'snoozed', nextActionAt: '2026-03-02T11:00:00.000Z', asked: [], outbox: [] },
      messages: [],
      audit: { reason: 'put off until Mar 2, 2026, 11:00 AM UTC: in contact' },
    });
    expect(life.at('10:59').drive()).toEqual([]);
    expect(life.at('11:00').drive()).toEqual(['reminder t-7']);
    expect(life.drive()).toEqual([]);
    expect(life.alert).toMatchObject({ status: 'open', step: 0 });
  });

  it('can be put off again and again: the sixth tap is as good as the first (E11)', () => {
    const life = new AlertUnderTest('alert');
    life.drive();
    for (const hour of [11, 12, 13, 14, 15, 16])
      expect(life.snooze('t-7', `2026-03-02T${hour}:00:00.000Z`)).toMatchObject({ result: 'done' });
    expect(life.snooze('t-7', '2026-03-02T16:00:00.000Z', 1)).toBeNull();
    expect(life.snooze('t-7', '2026-03-02T16:30:00.000Z', 1)).toMatchObject({ result: 'refused-version' });
    expect(life.snooze('s-1', '2026-03-02T16:00:00.000Z', 1)).toMatchObject({ result: 'refused-version' });
  });

  it('is put off to working hours where new steps are held', () => {
    const life = new AlertUnderTest('alert');
    life.snooze('t-7', '2026-03-02T20:00:00.000Z');
    expect(life.alert.nextActionAt).toBe('2026-03-03T09:00:00.000Z');
    const list = new AlertUnderTest('list');
    list.snooze('t-7', '2026-03-02T20:00:00.000Z');
    expect(list.alert.nextActionAt).toBe('2026-03-02T20:00:00.000Z');
  });

  it.each([
    ['what is urgent (E11)', 'urgent', '2026-03-02T11:00:00.000Z', 'what is urgent cannot be put off'],
    ['to the past', 'alert', '2026-03-02T10:00:00.000Z', 'the moment it is put off to has passed'],
    ['beyond the most', 'alert', '2026-03-03T10:00:00.001Z', 'it can be put off by 24 hours at most'],
  ] as const)('is refused: %s', (_, tier, until, reason) => {
    const life = new AlertUnderTest(tier);
    life.drive();
    expect(life.snooze('t-7', until)).toMatchObject({
      result: 'refused-content',
      audit: { outcome: 'refused', reason },
      alert: { status: 'open' },
    });
  });

  it('is refused where an outcome is overdue', () => {
    const life = new AlertUnderTest('list');
    life.acknowledge('t-7');
    life.at('2026-03-10T10:00').drive();
    expect(life.snooze('t-7', '2026-03-11T10:00:00.000Z')).toMatchObject({
      result: 'refused-content',
      audit: { reason: 'it is overdue: only an outcome is missing' },
    });
  });
});

describe('a resolution', () => {
  it.each(['open', 'acknowledged', 'overdue', 'snoozed'])(
    'ends an alert that is %s, with its outcome and nothing to send',
    (status) => {
      const life = new AlertUnderTest('alert');
      life.drive();
      if (status === 'snoozed') life.snooze('t-7', '2026-03-02T12:00:00.000Z');
      else if (status !== 'open') life.acknowledge('t-7');
      if (status === 'overdue') life.at('2026-03-05T10:00').drive();
      expect(life.alert.status).toBe(status);
      expect(life.resolve('t-7')).toMatchObject({
        alert: {
          status: 'resolved',
          outcome: { code: 'reached' },
          ended: 'resolved by t-7: reached',
          nextActionAt: null,
          asked: [],
          outbox: [],
        },
        audit: { action: 'alert.resolve', reason: 'resolved: reached', detail: { outcome: { code: 'reached' } } },
        messages: [],
      });
      expect(hasEnded(life.alert)).toBe(true);
      expect(life.at('2026-05-01T10:00').tell({ kind: 'deadline' })).toBeNull();
    },
  );

  it('is none where the patient was not reached: the person has the alert until the next try', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.at('10:30').drive();
    expect(notReached(urgent, '2026-03-02T14:00:00.000Z')).toMatchObject({
      alert: {
        status: 'acknowledged',
        acknowledgedBy: ['t-7'],
        nextActionAt: '2026-03-02T14:00:00.000Z',
        outcome: null,
      },
      messages: [{ to: 's-1', kind: 'told' }],
      audit: { reason: 'not reached: tried again Mar 2, 2026, 2:00 PM UTC' },
    });
    expect(notReached(urgent, '2026-03-02T14:00:00.000Z')).toBeNull();
    expect(urgent.at('14:00').drive()).toEqual(['reminder t-7']);
  });

  it.each(['2026-03-02T10:00:00.000Z', '2026-03-02T18:00:00.001Z'])(
    'is refused where the next try, %s, is in the past or later than an outcome is due',
    (nextTry) => {
      const urgent = new AlertUnderTest('urgent');
      expect(notReached(urgent, nextTry)).toMatchObject({
        result: 'refused-content',
        audit: { reason: 'the next try is after now, and by Mar 2, 2026, 6:00 PM UTC' },
      });
    },
  );

  it('is not taken for the same as another by the same person', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.acknowledge('t-7');
    expect(urgent.resolve('t-7')).toMatchObject({ result: 'done' });
  });

  it.each<[string, unknown, boolean]>([
    ['a plain code', { code: 'plan-adapted' }, true],
    ['a referral for treatment', { code: 'referred', disclosure: null }, true],
    ['a disclosure', { code: 'referred', disclosure: { recipient: 'A', what: 'B', purpose: 'C' } }, true],
    ['a referral that does not say which', { code: 'referred' }, false],
    ['no action, and why', { code: 'no-action-needed', why: 'a slip' }, true],
    ['no action, and no why', { code: 'no-action-needed', why: ' ' }, false],
    ['a next try', { code: 'not-reached', nextTry: '2026-03-02T09:00:00Z' }, true],
    ['a next try without an offset', { code: 'not-reached', nextTry: '2026-03-02T09:00:00' }, false],
    ['another code', { code: 'done' }, false],
  ])('takes an outcome from the list: %s', (_, outcome, expected) => {
    expect(outcomeSchema.safeParse(outcome).success).toBe(expected);
  });

  it('reads a next try as an instant', () => {
    const read: Outcome = outcomeSchema.parse({ code: 'not-reached', nextTry: '2026-03-02T10:00:00+01:00' });
    expect(read).toEqual({ code: 'not-reached', nextTry: '2026-03-02T09:00:00.000Z' });
  });
});

describe('new evidence', () => {
  it('that is no worse asks nobody again', () => {
    const life = new AlertUnderTest('alert');
    life.drive();
    life.acknowledge('t-7');
    life.alert = withEvidence(life.alert, []);
    expect(life.alert).toMatchObject({ status: 'acknowledged', version: 2 });
    expect(life.drive()).toEqual([]);
  });

  it.each(['open', 'acknowledged', 'snoozed'])(
    'that is worse starts anew whatever was answered, and says so: %s',
    (status) => {
      const life = new AlertUnderTest('alert');
      life.drive();
      if (status === 'acknowledged') life.acknowledge('t-7');
      if (status === 'snoozed') life.snooze('t-7', '2026-03-02T12:00:00.000Z');
      life.at('10:10');
      life.alert = raisedAlert(life.alert, 'urgent', [], life.now);
      expect(life.drive()).toEqual(['raised t-7']);
      expect(life.alert).toMatchObject({ status: 'open', tier: 'urgent', nextActionAt: '2026-03-02T10:40:00.000Z' });
    },
  );

  it('that was taken back ends it with the reason, and what was to be sent is not', () => {
    const life = new AlertUnderTest('alert');
    life.drive();
    expect(endedAlert(life.alert, 'withdrawn', 'entered in error')).toMatchObject({
      status: 'withdrawn',
      ended: 'entered in error',
      nextActionAt: null,
      outbox: [],
    });
  });
});

describe('its history', () => {
  const historyOf = ({ alert }: AlertUnderTest) =>
    alert.history.kept.map(({ at, what, who }) => `${at.slice(11, 16)} ${who}: ${what}`);

  it('says who was asked when and why, who was passed over, what was sent, and every answer with its person', () => {
    const life = new AlertUnderTest('alert');
    life.therapist = null;
    life.drive();
    life.tell({ kind: 'sent', messages: life.alert.outbox.map(({ id }) => id) });
    life.at('10:20').snooze('s-1', '2026-03-02T12:00:00.000Z');
    life.at('12:00').drive();
    undeliverable(life);
    life.acknowledge('l-1');
    life
      .at('12:10')
      .tell({ kind: 'resolve', by: 'l-1', version: 2, outcome: { code: 'plan-adapted' }, source: 'portal' });
    expect(historyOf(life)).toEqual([
      '10:00 tandem: asked s-1 (step 2): it was opened; step 1: the patient has no therapist',
      '10:00 tandem: sent: e-mail to s-1',
      '10:20 s-1: put off until Mar 2, 2026, 12:00 PM UTC: in contact',
      '12:00 tandem: asked s-1 (step 2): it was put off until now; step 1: the patient has no therapist',
      '12:00 tandem: asked l-1 (step 3): s-1 has no confirmed address: reminder not delivered',
      '12:00 l-1: acknowledged',
      '12:10 l-1: resolved: plan adapted',
    ]);
  });

  it('says when a step waits for working hours, when the plan repeats, when an outcome is overdue, and when it became worse', () => {
    const night = new AlertUnderTest('alert', planOf(), '2026-03-02T22:00:00.000Z');
    night.drive();
    expect(historyOf(night)).toEqual(['22:00 tandem: the next step waits for working hours']);
    const list = new AlertUnderTest('list');
    list.drive();
    list.tell({ kind: 'sent', messages: list.alert.outbox.map(({ id }) => id) });
    expect(historyOf(list)[1]).toBe('10:00 tandem: sent: morning list to t-7');
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.acknowledge('t-7');
    urgent.at('18:00').drive();
    urgent.at('18:30').alert = raisedAlert(urgent.alert, 'urgent', [], urgent.now);
    for (const time of ['18:30', '19:00', '19:30', '19:45']) urgent.at(time).drive();
    expect(historyOf(urgent).slice(2)).toEqual([
      '18:00 tandem: asked s-1 (step 1): acknowledged by t-7, and no outcome came in time',
      '18:30 tandem: became more serious',
      '18:30 tandem: asked s-1 (step 1): it became more serious',
      '19:00 tandem: asked s-1 (step 2): nobody has answered in time',
      '19:30 tandem: asked l-1 (step 3): nobody has answered in time',
      '19:45 tandem: asked l-1, s-1 (step 3): nobody has answered in time; the plan is at its end and repeats',
    ]);
  });

  it('is as long as it was after a look, a late answer and a refusal: those stand in the audit alone', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.acknowledge('t-7');
    const before = historyOf(urgent);
    urgent.tell({ kind: 'seen', by: 't-7', source: 'portal' });
    urgent.acknowledge('s-1');
    urgent.acknowledge('c-1');
    expect(historyOf(urgent)).toEqual(before);
  });

  it('keeps its newest part, counts what went, and cuts words that would make an item too large', () => {
    const urgent = new AlertUnderTest('urgent');
    for (let step = 0; step < 100; step += 1) {
      urgent.drive();
      urgent.now = urgent.alert.nextActionAt ?? urgent.now;
    }
    const { earlier, kept } = urgent.alert.history;
    expect([earlier, kept.length]).toEqual([60, 40]);
    expect(kept.at(-1)?.what).toContain('the plan is at its end');
    const long = withHappening(noHistory, { at: urgent.now, what: 'x'.repeat(1000), who: 'tandem' });
    expect(long.kept[0]?.what).toBe(`${'x'.repeat(299)}…`);
  });
});

describe('a message', () => {
  it('has the same id for the same alert, transition and recipient, and another for any other', () => {
    const ids = [new AlertUnderTest('urgent'), new AlertUnderTest('urgent')].map((life) => {
      life.drive();
      life.at('10:30').drive();
      return life.log.flatMap(({ messages }) => messages.map(({ id }) => id));
    });
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set(ids[0]).size).toBe(2);
    expect(ids[0]?.[0]).toMatch(/^m-[0-9a-f]{26}$/);
  });

  it('stays in the outbox until it is known to be sent, and a newer one to the same person takes its place', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    const [first] = urgent.alert.outbox;
    urgent.at('10:30').drive();
    urgent.at('11:00').drive();
    urgent.at('11:15').drive();
    expect(urgent.alert.outbox.map(({ kind, to }) => `${kind} ${to}`)).toEqual([
      'alert t-7',
      'alert l-1',
      'alert s-1',
      'operator o-1',
    ]);
    const ids = [first?.id ?? ''];
    expect(urgent.tell({ kind: 'sent', messages: ids })?.audit).toMatchObject({
      action: 'alert.sent',
      reason: 'sent to t-7 (alert)',
    });
    expect(urgent.alert.outbox).toHaveLength(3);
    expect(urgent.tell({ kind: 'sent', messages: ids })).toBeNull();
  });

  it('that cannot reach its person means the next step at once, and the operators hear of it (P15)', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    const next = undeliverable(urgent);
    expect(wordsOf(next)).toEqual(['operator o-1', 'alert s-1']);
    expect(next?.audit.reason).toBe('t-7 has no confirmed address: alert not delivered');
    expect(urgent.alert).toMatchObject({ step: 1, asked: ['s-1'] });
    expect(urgent.tell({ kind: 'undeliverable', message: 'm-0' })).toBeNull();
  });

  it('that cannot reach one of two leaves the other to answer', () => {
    const urgent = new AlertUnderTest('urgent', both);
    urgent.drive();
    expect(wordsOf(undeliverable(urgent))).toEqual(['operator o-1']);
    expect(urgent.alert).toMatchObject({ step: 0, asked: ['s-1'] });
  });

  it('that cannot reach the last person is tried again with the next round, not at once', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.at('10:30').drive();
    urgent.at('11:00').drive();
    expect(wordsOf(undeliverable(urgent, 2))).toEqual(['operator o-1']);
    expect(urgent.alert).toMatchObject({ asked: ['l-1'], nextActionAt: '2026-03-02T11:15:00.000Z' });
    expect(wordsOf(undeliverable(urgent, 2))).toEqual([]);
  });

  it('that only tells is no reason to go on', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    urgent.at('10:30').drive();
    urgent.acknowledge('t-7');
    expect(wordsOf(undeliverable(urgent))).toEqual(['operator o-1']);
    expect(urgent.alert.status).toBe('acknowledged');
  });

  it('that cannot be delivered at night moves a held step to the morning', () => {
    const life = new AlertUnderTest('alert', planOf(), '2026-03-02T16:55:00.000Z');
    life.drive();
    expect(wordsOf(undeliverable(life.at('17:05')))).toEqual(['operator o-1']);
    expect(life.alert).toMatchObject({ nextActionAt: '2026-03-03T09:00:00.000Z', asked: ['t-7'] });
  });

  it('that is left over from before a rise does not skip its first step', () => {
    const life = new AlertUnderTest('alert');
    life.drive();
    life.alert = raisedAlert(life.alert, 'urgent', [], life.wait(1).now);
    expect(wordsOf(undeliverable(life))).toEqual(['operator o-1', 'raised t-7']);
  });
});

describe('a look at an alert', () => {
  it('is recorded and changes nothing (E12)', () => {
    const urgent = new AlertUnderTest('urgent');
    urgent.drive();
    const { alert } = urgent;
    const next = urgent.tell({ kind: 'seen', by: 't-7', source: 'portal' });
    expect(next).toMatchObject({ result: 'done', audit: { action: 'alert.view', changed: false, source: 'portal' } });
    expect(next?.alert).toBe(alert);
  });

  it('by somebody who is not on its list is refused and recorded', () => {
    const next = new AlertUnderTest('urgent').tell({ kind: 'seen', by: 'c-1', source: 'portal' });
    expect(next).toMatchObject({ result: 'refused-person', audit: { action: 'alert.view', outcome: 'refused' } });
  });
});
