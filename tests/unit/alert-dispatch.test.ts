import { beforeEach, describe, expect, it } from 'vitest';
import { staffWithoutMail } from '../../functions/alert-sweep/staff-mail.ts';
import { sweepAlerts } from '../../functions/alert-sweep/sweep.ts';
import { claimMilliseconds, dispatchAlert } from '../../functions/dispatch-alert.ts';
import { later } from '../../functions/domain/instant.ts';
import { clinic, crashing, Desk, minutes, opened } from '../alert-desk.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe('a sweep', () => {
  it('sends an urgent alert to the therapist, and takes it out of the outbox once it is sent', async () => {
    await desk.open('a-1', 'urgent');
    expect(await desk.sweep()).toEqual({ alerts: 1, sent: 1, undeliverable: 0, urgentDelays: [0], failures: [] });
    expect(desk.recipients).toEqual(['t-7']);
    expect(await desk.alert('a-1')).toMatchObject({ step: 0, outbox: [], nextActionAt: later(opened, 30 * minutes) });
    expect(await desk.sweep()).toMatchObject({ alerts: 0, sent: 0 });
  });

  it('measures how long the first e-mail of an urgent alert took, and of nothing else', async () => {
    await desk.open('a-1', 'urgent');
    await desk.open('a-2', 'alert');
    expect((await desk.wait(7_500).sweep()).urgentDelays).toEqual([7.5]);
    // The next step waits for an answer: it is late on purpose.
    expect(await desk.wait(30 * minutes).sweep()).toMatchObject({ sent: 1, urgentDelays: [] });
    await desk.raise('a-2', 'urgent');
    expect((await desk.wait(2_000).sweep()).urgentDelays).toEqual([2]);
  });

  it('measures it too where nobody is there for the first step, so that it begins with the next', async () => {
    await desk.open('a-1', 'urgent');
    const staff = clinic.escalation.staff.filter(({ id }) => id !== 't-7');
    const without = { ...clinic, escalation: { ...clinic.escalation, staff } };
    const swept = await sweepAlerts({ ...desk.wait(5_000).ports, clinic: without }, () => true);
    expect(swept).toMatchObject({ sent: 1, urgentDelays: [5] });
    expect(await desk.alert('a-1')).toMatchObject({ step: 1, mailed: true });
  });

  it('writes nothing but the template, the opaque id and the address of the portal', async () => {
    await desk.open('a-1', 'urgent');
    await desk.sweep();
    expect(desk.mail.sent).toEqual([
      {
        to: 't-7',
        subject: 'Please look at the portal',
        body: `Alert a-1 is waiting for your answer.\nIt stands at https://care.example.org/alerts/a-1\n`,
      },
    ]);
  });

  it('asks the next person when nobody has answered in time, and never before (E07)', async () => {
    await desk.open('a-1', 'urgent');
    await desk.sweep();
    await desk.wait(30 * minutes - 1).sweep();
    expect(desk.recipients).toEqual(['t-7']);
    await desk.wait(1).sweep();
    expect(desk.recipients).toEqual(['t-7', 's-1']);
    await desk.wait(30 * minutes).sweep();
    expect(desk.recipients).toEqual(['t-7', 's-1', 'l-1']);
    await desk.wait(15 * minutes).sweep();
    expect(desk.recipients.slice(3).toSorted()).toEqual(['l-1', 'o-1', 's-1']);
  });

  it('sends nothing after an answer, but tells whoever else was asked once (E04)', async () => {
    await desk.open('a-1', 'urgent');
    await desk.sweep();
    await desk.wait(30 * minutes).sweep();
    const { version = 0 } = (await desk.alert('a-1')) ?? {};
    await desk.tell('a-1', { kind: 'acknowledge', by: 's-1', version, source: 'command line' });
    await desk.sweep();
    expect(desk.recipients).toEqual(['t-7', 's-1', 't-7']);
    await desk.tell('a-1', { kind: 'resolve', by: 's-1', version, outcome: { code: 'reached' }, source: 'portal' });
    await desk.wait(60 * 24 * 60 * minutes).sweep();
    expect(desk.recipients).toHaveLength(3);
    expect(await desk.store.alertIndex.due('urgent', null, null)).toMatchObject({ places: [] });
    expect(await desk.store.alertIndex.patientOf('a-1')).toBe('p-a-1');
  });

  it('sends nothing that was answered between its look at the outbox and the mail', async () => {
    await desk.open('a-1', 'urgent');
    const alertMail = {
      ...desk.ports.alertMail,
      isConfirmed: async () => {
        await desk.tell('a-1', { kind: 'acknowledge', by: 's-1', version: 1, source: 'portal' });
        return true;
      },
      send: desk.mail.send.bind(desk.mail),
    };
    await sweepAlerts({ ...desk.ports, alertMail }, () => true);
    expect(desk.mail.sent.filter(({ to }) => to === 't-7')).toHaveLength(1);
    expect((await desk.alert('a-1'))?.status).toBe('acknowledged');
  });

  it('puts what is urgent first, and leaves the rest to the next sweep when its time is over', async () => {
    await desk.open('a-1', 'alert');
    await desk.open('a-2', 'urgent');
    let left = 1;
    const goOn = () => {
      left -= 1;
      return left >= 0;
    };
    expect(await desk.sweep(goOn)).toMatchObject({ alerts: 1, sent: 1 });
    expect(await desk.alert('a-2')).toMatchObject({ step: 0 });
    expect(await desk.alert('a-1')).toMatchObject({ step: null });
    await desk.sweep();
    expect(await desk.alert('a-1')).toMatchObject({ step: 0 });
  });

  it('leaves what is on the list to the morning, without an e-mail', async () => {
    await desk.open('a-1', 'list');
    expect(await desk.sweep()).toMatchObject({ alerts: 1, sent: 0 });
    expect(await desk.alert('a-1')).toMatchObject({ step: 0, outbox: [{ by: 'list' }] });
    expect(await desk.sweep()).toMatchObject({ alerts: 0 });
  });

  it('goes on with the others where one alert cannot be driven, and says so', async () => {
    await desk.open('a-1', 'urgent');
    await desk.open('a-2', 'urgent');
    const patients = Object.assign(Object.create(desk.store.patients) as typeof desk.store.patients, {
      load: (id: string) => (id === 'p-a-1' ? Promise.reject(new Error('unreadable')) : desk.store.patients.load(id)),
      commit: desk.store.patients.commit.bind(desk.store.patients),
    });
    const swept = await sweepAlerts({ ...desk.ports, patients }, () => true);
    expect(swept).toMatchObject({ alerts: 2, sent: 1, failures: [{ message: 'unreadable' }] });
    expect(await desk.sweep()).toMatchObject({ alerts: 1, sent: 1 });
  });

  it('keeps a message whose sending failed in the outbox, and due', async () => {
    await desk.open('a-1', 'urgent');
    const alertMail = { isConfirmed: async () => true, send: () => Promise.reject(new Error('busy')) };
    const swept = await sweepAlerts({ ...desk.ports, alertMail }, () => true);
    expect(swept).toMatchObject({ sent: 0, failures: [{ message: 'busy' }] });
    expect(await desk.sweep()).toMatchObject({ alerts: 1, sent: 1 });
    expect(desk.recipients).toEqual(['t-7']);
  });
});

describe('P15, P18: a person without a confirmed address', () => {
  it('is passed over at once for the next one, and the operators are told by another way', async () => {
    await desk.open('a-1', 'urgent');
    desk.mail.unconfirmed.add('t-7');
    expect(await desk.sweep()).toEqual({ alerts: 1, sent: 2, undeliverable: 1, urgentDelays: [0], failures: [] });
    expect(desk.recipients.toSorted()).toEqual(['o-1', 's-1']);
    expect(desk.operators.told).toHaveLength(1);
    expect(desk.operators.told[0]).toMatch(
      /^t-7 has no confirmed e-mail address.*docs\/operations\.md#staff-without-mail/s,
    );
  });

  it('is passed over even where the operators cannot be told', async () => {
    await desk.open('a-1', 'urgent');
    desk.mail.unconfirmed.add('t-7');
    const operators = { alert: () => Promise.reject(new Error('no topic')) };
    const swept = await sweepAlerts({ ...desk.ports, operators }, () => true);
    expect(swept.failures).toMatchObject([{ message: 'no topic' }]);
    expect(desk.recipients).toContain('s-1');
  });

  it('never leaves a sweep without an end: where nobody has one, the alert stays open and due in its time', async () => {
    await desk.open('a-1', 'urgent');
    for (const { id } of clinic.escalation.staff) desk.mail.unconfirmed.add(id);
    const swept = await desk.sweep();
    expect(swept.sent).toBe(0);
    expect(swept.undeliverable).toBeGreaterThan(3);
    const alert = await desk.alert('a-1');
    expect(alert).toMatchObject({ status: 'open', outbox: [] });
    expect(alert?.nextActionAt).not.toBeNull();
  });

  it('is found by the hourly comparison', async () => {
    desk.mail.unconfirmed.add('s-1');
    expect(await staffWithoutMail(desk.mail, clinic.escalation)).toEqual(['s-1']);
  });
});

describe('two runs at once', () => {
  it('send once: the second leaves the alert to the first', async () => {
    await desk.open('a-1', 'urgent');
    const { places } = await desk.store.alertIndex.due('urgent', null, null);
    const [place] = places;
    if (place === undefined) throw new Error('the alert is due');
    const done = await Promise.all([dispatchAlert(desk.ports, place), dispatchAlert(desk.ports, place)]);
    expect(done.filter(({ sent }) => sent === 1)).toHaveLength(1);
    expect(desk.recipients).toEqual(['t-7']);
  });
});

describe('a crash', () => {
  const places = Array.from({ length: 40 }, (_, place) => place + 1).flatMap((at) =>
    (['before', 'after'] as const).map((when) => ({ at, when })),
  );

  it('before or after any call never leaves a person unasked, and sends to nobody more than once again', async () => {
    const twice: number[] = [];
    for (const unconfirmed of [[], ['t-7']]) {
      for (const { at, when } of places) {
        const crash = crashing(at, when);
        desk = new Desk(crash.faults);
        for (const id of unconfirmed) desk.mail.unconfirmed.add(id);
        await desk.open('a-1', 'urgent');
        crash.arm();
        await desk.sweep().catch(() => undefined);
        crash.restart();
        // One claim later, the next sweep.
        await desk.wait(claimMilliseconds).sweep();
        const sent = Object.entries(Object.groupBy(desk.recipients, (to) => to));
        const expected = unconfirmed.length === 0 ? ['t-7'] : ['o-1', 's-1'];
        expect([at, when, sent.map(([to]) => to).toSorted()]).toEqual([at, when, expected]);
        for (const [, all] of sent) expect(all?.length).toBeLessThanOrEqual(2);
        twice.push(desk.recipients.length - expected.length);
        expect((await desk.alert('a-1'))?.outbox).toEqual([]);
        expect(desk.operators.told.length > 0).toBe(unconfirmed.length > 0);
      }
    }
    // The crash between publishing and its record is among them: sent twice, and no more than that.
    expect(Math.max(...twice)).toBe(1);
  });
});
