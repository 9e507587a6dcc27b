import { beforeEach, describe, expect, it } from 'vitest';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { type MorningListPorts, sendMorningLists } from '../../functions/alert-sweep/morning-list.ts';
import { endedAlert, newAlert } from '../../functions/domain/alert.ts';
import type { AuditRecord } from '../../functions/domain/audit-chain.ts';
import { compilePlan } from '../../functions/domain/escalation-plan.ts';
import { isListDay, nightsOfList, personsLists } from '../../functions/domain/morning-list.ts';
import type { MorningList } from '../../functions/domain/night.ts';
import { PatientErased } from '../../functions/ports/patients.ts';
import { clinic, crashing, Desk, minutes, opened } from '../alert-desk.ts';
import { AlertUnderTest, escalationOf, planOf } from '../example-escalation.ts';

const { workingHours } = planOf();
const oneDay = 24 * 60 * minutes;

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

function portsOf(of: Desk, change: Partial<MorningListPorts> = {}): MorningListPorts {
  return { ...of.store, ...of.ports, ...change };
}

const send = (of = desk, change: Partial<MorningListPorts> = {}) => sendMorningLists(portsOf(of, change));

const recordsIn = (chain: string, of = desk): AuditRecord[] =>
  of.store.auditRecords(chain).map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()));

const recordsOfLists = (of = desk) =>
  systemChains.flatMap((chain) => recordsIn(chain, of)).filter(({ action }) => action === 'alert.list.send');

describe('the days of the morning list', () => {
  it('are those on which the clinic works, by its own clock: no weekend, no holiday', () => {
    const hours = { ...workingHours, holidays: ['2026-03-03'] };
    expect(isListDay('2026-03-02T07:30:00.000Z', hours)).toBe(true);
    expect(isListDay('2026-03-03T07:30:00.000Z', hours)).toBe(false);
    expect(isListDay('2026-03-07T07:30:00.000Z', hours)).toBe(false);
    // Sunday in UTC, Monday already in Auckland.
    expect(isListDay('2026-03-01T18:30:00.000Z', { ...hours, timeZone: 'Pacific/Auckland' })).toBe(true);
  });

  it('take in the nights since the last one', () => {
    expect(nightsOfList('2026-03-03T07:30:00.000Z', workingHours)).toEqual(['2026-03-03']);
    expect(nightsOfList('2026-03-02T07:30:00.000Z', workingHours)).toEqual(['2026-03-02', '2026-03-01', '2026-02-28']);
    const holidays = Array.from({ length: 28 }, (_, day) => `2026-02-${String(day + 1).padStart(2, '0')}`);
    expect(nightsOfList('2026-02-28T07:30:00.000Z', { ...workingHours, holidays })).toHaveLength(14);
  });
});

describe('what stands on a person’s list', () => {
  const plan = planOf();
  const now = '2026-03-02T07:30:00.000Z';
  const list = (id: string, change = {}) => ({
    ...newAlert({ id, cause: 'dropout', tier: 'list', evidence: [] }, now),
    ...change,
  });
  const night = (therapist: string | null, ...alerts: string[]): MorningList => ({
    night: '2026-03-02',
    therapist,
    patients: 1,
    alerts,
  });

  it('holds what a night found anew about an alert whose message went out earlier', () => {
    const open = [{ patient: 'p-1', alert: list('a-1') }];
    expect(personsLists(open, [night('t-7', 'a-1'), night('t-7', 'a-1')], plan, now)).toEqual([
      { staff: 't-7', toAnswer: 1, patients: 1, answered: 0, alerts: open, messages: [] },
    ]);
    expect(personsLists(open, [night('t-7', 'a-2')], plan, now)).toEqual([]);
  });

  it('is the supervisors’ where nobody is there for the patient', () => {
    const open = [{ patient: 'p-1', alert: list('a-1') }];
    expect(personsLists(open, [night(null, 'a-1')], plan, now).map(({ staff }) => staff)).toEqual(['s-1']);
    expect(personsLists(open, [night('gone', 'a-1')], plan, now).map(({ staff }) => staff)).toEqual(['s-1']);
  });

  it('is that of whoever stands in while the therapist is away', () => {
    const open = [{ patient: 'p-1', alert: list('a-1') }];
    const away = { staff: 't-7', from: '2026-03-02', to: '2026-03-06', cover: 't-8' };
    const absent = compilePlan(escalationOf({ absences: [away] }), {}, 'UTC');
    expect(personsLists(open, [night('t-7', 'a-1')], absent, now).map(({ staff }) => staff)).toEqual(['t-8']);
  });

  it('leaves out what has an e-mail of its own, what somebody has answered, and what has ended', () => {
    const alerts = [
      list('a-1', { tier: 'urgent' }),
      list('a-2', { status: 'acknowledged' }),
      endedAlert(list('a-3'), 'closed', 'green again'),
    ];
    const open = alerts.map((alert) => ({ patient: 'p-1', alert }));
    expect(personsLists(open, [night('t-7', 'a-1', 'a-2', 'a-3')], plan, now)).toEqual([]);
  });

  it('counts apart what somebody else has answered', () => {
    const course = new AlertUnderTest('list');
    course.drive();
    course.alert = { ...course.alert, outbox: [] };
    course.acknowledge('s-1');
    expect(personsLists([{ patient: 'p-1', alert: course.alert }], [], plan, now)).toMatchObject([
      { staff: 't-7', toAnswer: 0, patients: 0, answered: 1 },
    ]);
  });
});

describe('the morning list by e-mail', () => {
  it('is one message for each person: counts and the address, the same words for everybody (D04)', async () => {
    await desk.open('a-1', 'list');
    await desk.open('a-2', 'list');
    await desk.open('a-3', 'list', 'p-a-1');
    await desk.open('a-4', 'urgent');
    expect(await send()).toEqual({ sent: 1, undeliverable: 0, failures: [] });
    expect(desk.mail.sent).toEqual([
      {
        to: 't-7',
        subject: 'Your list for today',
        body:
          'Waiting for your answer: 3, about this many patients: 2.\n' +
          'Answered by somebody else since your last list: 0.\n' +
          `Please sign in at ${desk.ports.pageUrl}\n`,
      },
    ]);
    // Each is still an alert of its own, and each record says that its message has gone.
    expect(await desk.alert('a-1')).toMatchObject({ status: 'open', outbox: [], told: ['t-7'] });
    expect(await desk.alert('a-3', 'p-a-1')).toMatchObject({ status: 'open', outbox: [] });
    const actions = recordsIn('p-a-2').map(({ action }) => action);
    expect(actions.slice(-2)).toEqual(['alert.notify', 'alert.sent']);
    expect(recordsOfLists()).toMatchObject([{ detail: { staff: 't-7', toAnswer: 3, patients: 2, answered: 0 } }]);
  });

  it('does not come on a day without work, and takes everything on the next', async () => {
    desk.now = '2026-02-28T07:30:00.000Z';
    await desk.open('a-1', 'list');
    expect(await send()).toEqual({ sent: 0, undeliverable: 0, failures: [] });
    desk.now = '2026-03-02T07:30:00.000Z';
    expect(await send()).toMatchObject({ sent: 1 });
  });

  it('comes once a day: what arises later waits for the next day', async () => {
    await desk.open('a-1', 'list');
    await send();
    await desk.wait(60 * minutes).open('a-2', 'list');
    expect(await send()).toEqual({ sent: 0, undeliverable: 0, failures: [] });
    expect(desk.mail.sent).toHaveLength(1);
    expect((await desk.alert('a-2'))?.outbox).toHaveLength(1);
    desk.wait(oneDay);
    expect(await send()).toMatchObject({ sent: 1 });
    expect(desk.mail.sent[1]?.body).toContain('answer: 1,');
  });

  it('does not come where there is nothing to say, or somebody else is sending', async () => {
    expect(await send()).toMatchObject({ sent: 0 });
    await desk.open('a-1', 'list');
    await desk.store.alertClaims.take('morning-list', 'other', desk.now, '2026-03-02T10:01:00.000Z');
    expect(await send()).toMatchObject({ sent: 0 });
    expect(desk.mail.sent).toEqual([]);
  });

  it('keeps everything where sending fails, says so, and the next run sends it once (D05)', async () => {
    let down = true;
    const failing = new Desk({
      before: (operation) => {
        if (down && operation === 'alertMail.send') throw new Error('SNS is down');
      },
    });
    await failing.open('a-1', 'list');
    expect(await send(failing)).toMatchObject({ sent: 0, failures: [{ message: 'SNS is down' }] });
    expect((await failing.alert('a-1'))?.outbox).toHaveLength(1);
    expect(recordsOfLists(failing)).toEqual([]);
    down = false;
    expect(await send(failing.wait(60 * minutes))).toMatchObject({ sent: 1, failures: [] });
    expect(await send(failing.wait(60 * minutes))).toMatchObject({ sent: 0, failures: [] });
    expect(failing.mail.sent).toHaveLength(1);
  });

  it('does not keep the others’ lists back where one person’s fails', async () => {
    const mail = {
      isConfirmed: async () => true,
      send: async (to: string) => {
        if (to === 's-1') throw new Error('this topic is gone');
        await desk.mail.send(to, { subject: '', body: '' });
      },
    };
    await desk.open('a-1', 'list');
    await desk.open('a-2', 'list');
    await send();
    desk.wait(3 * oneDay);
    // Nobody answered: both are the supervisor's now, and the therapist has a new one.
    await desk.open('a-3', 'list');
    expect(await send(desk, { alertMail: mail })).toMatchObject({ sent: 1, failures: [{}] });
    expect(desk.recipients).toEqual(['t-7', 't-7']);
  });

  it('goes to the next person where the address is not confirmed, and the operators hear once', async () => {
    desk.mail.unconfirmed.add('t-7');
    await desk.open('a-1', 'list');
    await desk.open('a-2', 'list');
    expect(await send()).toMatchObject({ sent: 1, undeliverable: 1, failures: [] });
    expect(desk.recipients).toEqual(['s-1']);
    expect(desk.operators.told).toHaveLength(1);
    expect(desk.operators.told[0]).toContain('t-7 has no confirmed e-mail address');
  });

  it('goes on where the operators cannot be told', async () => {
    const failing = new Desk({
      before: (operation) => {
        if (operation === 'operators.alert') throw new Error('no operators');
      },
    });
    failing.mail.unconfirmed.add('t-7');
    await failing.open('a-1', 'list');
    expect(await send(failing)).toMatchObject({ sent: 1, failures: [{ message: 'no operators' }] });
    expect(failing.recipients).toEqual(['s-1']);
  });

  it('passes over a night’s reader without a confirmed address: the hourly comparison reports them', async () => {
    await desk.open('a-1', 'list');
    await send();
    desk.wait(oneDay).mail.unconfirmed.add('t-7');
    const nights = {
      morningLists: async () => [{ night: '2026-03-03', therapist: 't-7', patients: 1, alerts: ['a-1'] }],
    };
    expect(await send(desk, { nights })).toEqual({ sent: 0, undeliverable: 0, failures: [] });
    desk.mail.unconfirmed.delete('t-7');
    expect(await send(desk, { nights })).toMatchObject({ sent: 1 });
    expect(await send(desk, { nights })).toMatchObject({ sent: 0 });
  });

  it('leaves out what was answered between its look at everything and the mail', async () => {
    await desk.open('a-1', 'list');
    const alertMail = {
      isConfirmed: async () => {
        const version = (await desk.alert('a-1'))?.version ?? 0;
        await desk.tell('a-1', { kind: 'acknowledge', by: 't-7', version, source: 'portal' });
        return true;
      },
      send: desk.mail.send.bind(desk.mail),
    };
    expect(await send(desk, { alertMail })).toEqual({ sent: 0, undeliverable: 0, failures: [] });
    expect(desk.mail.sent).toEqual([]);
  });

  it('passes over a patient who was erased meanwhile, and says what cannot be read', async () => {
    await desk.open('a-1', 'list');
    await desk.open('a-2', 'list');
    await desk.open('a-3', 'list');
    const { patients } = desk.store;
    const load = patients.load.bind(patients);
    patients.load = (id) => {
      if (id === 'p-a-1') throw new PatientErased(id, opened);
      if (id === 'p-a-2') throw new Error('damaged');
      return load(id);
    };
    const done = await send();
    expect(done).toMatchObject({ sent: 1, failures: [{ message: 'damaged' }] });
    expect(desk.mail.sent[0]?.body).toContain('answer: 1,');
  });

  it('is refused where the clinic’s language has no messages', async () => {
    await desk.open('a-1', 'list');
    expect(await send(desk, { clinic: { ...clinic, messages: {} } })).toMatchObject({
      failures: [{ message: expect.stringContaining('no messages file') }],
    });
  });

  it('is never lost by a crash, and comes twice at most', async () => {
    for (const when of ['before', 'after'] as const)
      for (let at = 1, fired = true; fired; at += 1) {
        const crash = crashing(at, when);
        const victim = new Desk(crash.faults);
        await victim.open('a-1', 'list');
        await victim.open('a-2', 'list');
        crash.arm();
        await send(victim).catch(() => undefined);
        crash.restart();
        fired = crash.fired();
        victim.wait(60 * minutes);
        await send(victim);
        const times = victim.mail.sent.length;
        expect({ when, at, ok: times === 1 || times === 2 }).toEqual({ when, at, ok: true });
        expect((await victim.alert('a-1'))?.outbox).toEqual([]);
        expect((await victim.alert('a-2'))?.outbox).toEqual([]);
        expect(recordsOfLists(victim)).toHaveLength(1);
      }
  });
});
