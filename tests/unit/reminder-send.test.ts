import { describe, expect, it, vi } from 'vitest';
import { MemoryReminderChannels } from '../../functions/adapters/memory/reminder-channels.ts';
import { type MemoryStore, memoryStore } from '../../functions/adapters/memory/store.ts';
import { shardOf } from '../../functions/adapters/shard.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import type { EventType } from '../../functions/domain/event.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { Conflict, type Patients } from '../../functions/ports/patients.ts';
import { ChannelBusy } from '../../functions/ports/reminder-channels.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { type ReminderRoundPorts, type RoundCounts, remindShard } from '../../functions/reminder-round/round.ts';
import { clinicWith, enrolment, generous, rule } from '../reminder-patients.ts';
import { type Brief, enrolledAt, onDay } from '../risk-patients.ts';

const clinic = clinicWith({ kinds: [rule('welcome', 0, { validForDays: 2 }), rule('module-due')] });
const sixPm = '2026-03-02T18:00:00.000Z';
const quarter = 900_000;
const noPause = () => Promise.resolve();

async function tell(store: MemoryStore, vendor: string, briefs: readonly Brief[], over: Clinic = clinic) {
  for (const [index, [day, type, data = {}]] of briefs.entries()) {
    const event = {
      id: `${vendor}-${type}-${day}-${index}`,
      type,
      occurredAt: onDay(day, index),
      patient: vendor,
      data,
    };
    const received = await receiveEvent({ ...store, clinic: over, pause: noPause }, event, onDay(day, index));
    if (received.outcome !== 'recorded') throw new Error(JSON.stringify(received));
  }
}

/** A store with so many patients enrolled at noon who want SMS. */
async function clinicOf(patients: number, faults = {}) {
  const store = memoryStore(faults);
  const channels = new MemoryReminderChannels(faults);
  for (let one = 0; one < patients; one += 1) await tell(store, `vendor-${one}`, enrolment('UTC'));
  return { store, channels };
}

type World = Awaited<ReturnType<typeof clinicOf>>;

function portsOf({ store, channels }: World, now: Instant, more: Partial<ReminderRoundPorts> = {}): ReminderRoundPorts {
  return {
    ...store,
    reminderChannels: channels,
    clinic,
    pause: noPause,
    now: () => now,
    pace: noPause,
    mayPass: () => false,
    ...more,
  };
}

/** One round over every shard. */
async function round(world: World, now: Instant, more: Partial<ReminderRoundPorts> = {}) {
  const ports = portsOf(world, now, more);
  const counts: Record<string, number> = {};
  const failures: string[] = [];
  for (const shard of ports.reminderIndex.shards) {
    const part = await remindShard(ports, { shard, until: now, cursor: null }, () => true);
    for (const [name, count] of Object.entries(part.counts)) counts[name] = (counts[name] ?? 0) + count;
    failures.push(...part.failures.map(({ patient }) => patient));
  }
  return { counts: counts as unknown as RoundCounts, failures };
}

/** The same patients, but for what a test makes of them. */
function changed(patients: Patients, change: Partial<Patients>): Patients {
  return {
    load: (id) => patients.load(id),
    history: (id) => patients.history(id),
    seen: (id, event) => patients.seen(id, event),
    commit: (patient, decision) => patients.commit(patient, decision),
    ...change,
  };
}

const patientOf = (world: World, vendor: string) =>
  world.store.pseudonyms.patient(vendor).then((id) => world.store.patients.load(id));

describe('a round', () => {
  it('sends what is due, once, with the neutral text, and touches only patients who are due', async () => {
    const loaded: string[] = [];
    const world = await clinicOf(3, { before: (operation: string) => void loaded.push(operation) });
    await tell(world.store, 'vendor-2', [[0.1, 'ModuleStarted', { module: 'm1' }]]);
    loaded.length = 0;
    expect((await round(world, sixPm)).counts).toMatchObject({ patients: 3, sent: 2, dropped: 1 });
    expect(world.channels.sent).toMatchObject([
      {
        channel: 'sms',
        address: '+12025550123',
        body: clinic.messages['en']?.reminder.texts.welcome.replace('{portalUrl}', clinic.settings.portalUrl),
      },
      { channel: 'sms' },
    ]);
    loaded.length = 0;
    expect((await round(world, later(sixPm, quarter))).counts.patients).toBe(0);
    expect(loaded.filter((operation) => operation === 'patients.load')).toEqual([]);
    expect(await patientOf(world, 'vendor-0')).toMatchObject({
      reminders: [{ outcome: 'sent', channel: 'sms' }],
      reminderAt: '2026-03-09T18:00:00.000Z',
    });
  });

  it('P14, D14: run three times at once, or by an index that lags behind, sends each reminder once', async () => {
    const world = await clinicOf(4);
    const stale = [...world.store.patients.patients()].map(({ id }) => ({ id, reminderAt: sixPm }));
    const reminderIndex = {
      shards: [0],
      due: async () => ({ due: stale, cursor: null }),
    };
    const rounds = await Promise.all([1, 2, 3].map(() => round(world, sixPm, { reminderIndex })));
    expect(rounds.reduce((sum, { counts }) => sum + counts.sent, 0)).toBe(4);
    expect(world.channels.sent).toHaveLength(4);
    await round(world, later(sixPm, 200), { reminderIndex });
    await round(world, later(sixPm, quarter), { reminderIndex });
    expect(world.channels.sent).toHaveLength(4);
  });

  it('goes on where it stopped when its time was over', async () => {
    const world = await clinicOf(1);
    const [{ id } = { id: '' }] = world.store.patients.patients();
    const page = { shard: shardOf(id), until: sixPm, cursor: null };
    const stopped = await remindShard(portsOf(world, sixPm), page, () => false);
    expect(stopped).toMatchObject({ done: false, page, counts: { patients: 0 } });
    expect(await remindShard(portsOf(world, sixPm), stopped.page, () => true)).toMatchObject({
      done: true,
      page: { cursor: null },
      counts: { sent: 1 },
    });
  });

  it('waits its turn before each message', async () => {
    const world = await clinicOf(3);
    const pace = vi.fn<() => Promise<void>>(noPause);
    await round(world, sixPm, { pace });
    expect(pace).toHaveBeenCalledTimes(3);
  });

  it('T19: after nine days without rounds, each stale reminder ends as expired, and at most one current one is sent', async () => {
    const daily = clinicWith(
      { ...generous, kinds: [rule('module-due')] },
      {
        modules: Array.from({ length: 12 }, (_, index) => ({
          id: `m${index + 1}`,
          title: 'Made up',
          dueDay: index + 1,
        })),
      },
    );
    const world = await clinicOf(0);
    await tell(world.store, 'vendor-0', enrolment('UTC'), daily);
    const { counts } = await round(world, '2026-03-11T18:05:00.000Z', { clinic: daily });
    expect(counts).toMatchObject({ sent: 1, dropped: 8 });
    const { reminders, id } = await patientOf(world, 'vendor-0');
    expect(reminders.map(({ outcome, reason }) => `${outcome} ${reason}`).toSorted()).toEqual([
      ...Array.from({ length: 8 }, () => 'dropped expired'),
      'sent null',
    ]);
    const texts = world.store.auditRecords(id).map(({ bytes }) => Buffer.from(bytes).toString());
    expect(texts.join(' ').match(/"expired"/g)).toHaveLength(8);
  });

  it("T21: without an hour of its own a reminder goes at the patient's, in the patient's zone", async () => {
    const world = await clinicOf(0);
    await tell(world.store, 'vendor-0', enrolment('America/New_York'));
    await tell(world.store, 'vendor-0', [[0.01, 'PreferencesChanged', { hour: '19:30' }]]);
    for (let at = enrolledAt; at < onDay(1); at = later(at, quarter)) await round(world, at);
    const { reminders } = await patientOf(world, 'vendor-0');
    expect(reminders).toMatchObject([{ outcome: 'sent', at: '2026-03-03T00:30:00.000Z' }]);
  });
});

describe('a round that fails', () => {
  it('D01: killed after the sixth of ten messages, sends the other four on the next, and says which one is in doubt', async () => {
    let sends = 0;
    const world = await clinicOf(10, {
      after: (operation: string) => {
        if (operation !== 'reminderChannels.send') return;
        sends += 1;
        if (sends === 6) throw new Error('killed');
      },
    });
    await expect(round(world, sixPm, { mayPass: () => true })).rejects.toThrow('killed');
    expect(world.channels.sent).toHaveLength(6);
    await round(world, later(sixPm, quarter));
    expect(world.channels.sent).toHaveLength(10);
    expect(new Set(world.channels.sent.map(({ patient }) => patient)).size).toBe(10);
    const records = world.store.patients.patients().flatMap(({ reminders }) => reminders);
    expect(records.map(({ outcome }) => outcome).toSorted()).toEqual([...Array<string>(9).fill('sent'), 'unknown']);
  });

  it('D07: an answer that was lost is no reason to send again: the attempt was on record before it', async () => {
    let lost = 0;
    const world = await clinicOf(1, {
      after: (operation: string) => {
        if (operation === 'reminderChannels.send' && lost++ === 0) throw new Error('timed out');
      },
    });
    expect((await round(world, sixPm)).failures).toHaveLength(1);
    expect((await patientOf(world, 'vendor-0')).reminders).toMatchObject([{ outcome: 'claimed' }]);
    expect((await round(world, later(sixPm, quarter))).counts).toMatchObject({ sent: 0, unknown: 1 });
    expect(world.channels.sent).toHaveLength(1);
  });

  it('D05: a busy service took nothing, so the reminder stays to be sent, once, by the next round', async () => {
    let busy = true;
    const world = await clinicOf(1, {
      before: (operation: string) => {
        if (operation === 'reminderChannels.send' && busy) throw new ChannelBusy('slow down');
      },
    });
    expect((await round(world, sixPm)).counts).toMatchObject({ sent: 0, busy: 1 });
    expect((await patientOf(world, 'vendor-0')).reminders).toMatchObject([{ outcome: 'waiting', reason: 'busy' }]);
    busy = false;
    expect((await round(world, later(sixPm, quarter))).counts.sent).toBe(1);
    expect((await round(world, later(sixPm, 2 * quarter))).counts.patients).toBe(0);
    expect(world.channels.sent).toHaveLength(1);
  });

  it('gives the claim back where the channels cannot be asked, and says so', async () => {
    const world = await clinicOf(1, {
      before: (operation: string) => {
        if (operation === 'reminderChannels.reachable') throw new Error('away');
      },
    });
    expect((await round(world, sixPm)).failures).toHaveLength(1);
    expect((await patientOf(world, 'vendor-0')).reminders).toMatchObject([{ outcome: 'waiting' }]);
  });

  it('one bad record does not stop the others, and stays due', async () => {
    const world = await clinicOf(3);
    const bad = await world.store.pseudonyms.patient('vendor-1');
    const { patients } = world.store;
    const load = (id: string) => (id === bad ? Promise.reject(new Error('damaged')) : patients.load(id));
    expect(await round(world, sixPm, { patients: changed(patients, { load }) })).toMatchObject({
      counts: { sent: 2 },
      failures: [bad],
    });
    expect((await round(world, later(sixPm, quarter))).counts).toMatchObject({ patients: 1, sent: 1 });
  });

  it('that loses to others every time leaves the patient due', async () => {
    const world = await clinicOf(1);
    const { patients } = world.store;
    const commit = () => Promise.reject(new Conflict('changed'));
    expect(await round(world, sixPm, { patients: changed(patients, { commit }) })).toMatchObject({
      counts: { patients: 0 },
      failures: [],
    });
    expect((await round(world, later(sixPm, quarter))).counts.sent).toBe(1);
  });
});

describe('between claim and send', () => {
  it.each<[string, EventType, unknown, string]>([
    ['completed', 'ModuleStarted', { module: 'm1' }, 'completed'],
    ['withdrawn', 'ConsentWithdrawn', { scopes: ['reminders'] }, 'no-consent'],
    ['deceased', 'EnrolmentEnded', { reason: 'deceased' }, 'ended'],
    // There is no opt-out link in a message, which a mail scanner could follow (E14): STOP is an event, or what the channel says.
    ['opted out', 'ReminderOptedOut', { channel: 'sms' }, 'opted-out'],
  ])('T20: %s: nothing is sent after that commit, and the audit says why', async (_, type, data, reason) => {
    const world = await clinicOf(1);
    const pace = () => tell(world.store, 'vendor-0', [[0.2, type, data]]);
    expect((await round(world, sixPm, { pace })).counts).toMatchObject({ sent: 0, cancelled: 1 });
    expect(world.channels.sent).toEqual([]);
    const { id, reminders } = await patientOf(world, 'vendor-0');
    expect(reminders).toMatchObject([{ outcome: 'dropped', reason }]);
    const newest = world.store.auditRecords(id).at(-1)?.bytes ?? new Uint8Array();
    expect(JSON.parse(Buffer.from(newest).toString())).toMatchObject({
      action: 'reminder.cancel',
      detail: { reminders: [{ reason }] },
    });
  });

  it('a claim that another run has closed is not sent', async () => {
    const world = await clinicOf(1);
    const pace = async () => void (await round(world, later(sixPm, quarter)));
    expect((await round(world, sixPm, { pace })).counts).toMatchObject({ sent: 0, cancelled: 0 });
    expect(world.channels.sent).toEqual([]);
    expect((await patientOf(world, 'vendor-0')).reminders).toMatchObject([{ outcome: 'unknown' }]);
  });
});

describe('the channel', () => {
  it('falls back to the other one that the patient has agreed to where the first does not reach them', async () => {
    const world = await clinicOf(2);
    await tell(world.store, 'vendor-0', [[0.1, 'PreferencesChanged', { channels: ['email', 'sms'] }]]);
    await tell(world.store, 'vendor-1', [[0.1, 'PreferencesChanged', { channels: ['email'] }]]);
    world.channels.unconfirmed.add('p@example.org');
    expect((await round(world, sixPm)).counts).toMatchObject({ sent: 1, failed: 1 });
    expect(world.channels.sent).toMatchObject([{ channel: 'sms' }]);
    expect((await patientOf(world, 'vendor-1')).reminders).toMatchObject([
      { outcome: 'failed', reason: 'no-subscription' },
    ]);
  });

  it('P20: a patient who opted out there is tried once, and never again', async () => {
    const world = await clinicOf(1);
    world.channels.optedOut.add('+12025550123');
    expect((await round(world, sixPm)).counts).toMatchObject({ sent: 0, failed: 1 });
    expect(await patientOf(world, 'vendor-0')).toMatchObject({
      refusals: [{ channel: 'sms', at: sixPm }],
      reminders: [{ outcome: 'failed', reason: 'opted-out' }],
    });
    world.channels.optedOut.clear();
    expect((await round(world, '2026-03-09T18:00:00.000Z')).counts).toMatchObject({ sent: 0, failed: 0, dropped: 1 });
    expect(world.channels.sent).toEqual([]);
  });

  it('P21, P22: STOP on SMS leaves e-mail and safety alerts alone, and no kind of reminder overrides it', async () => {
    const world = await clinicOf(1);
    const urgent = { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] };
    await tell(world.store, 'vendor-0', [
      [0.1, 'PreferencesChanged', { channels: ['sms', 'email'] }],
      [0.11, 'ReminderOptedOut', { channel: 'sms' }],
      [0.12, 'QuestionnaireSubmitted', urgent],
    ]);
    await round(world, sixPm);
    const [message] = world.channels.sent;
    expect(message?.channel).toBe('email');
    expect(message?.body).toContain(clinic.settings.crisisLine.text);
    expect((await patientOf(world, 'vendor-0')).alerts).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
    await tell(world.store, 'vendor-0', [[0.5, 'ReminderOptedOut', { channel: 'email' }]]);
    for (let at = onDay(1); at < onDay(70); at = later(at, 4 * quarter)) await round(world, at);
    expect(world.channels.sent).toHaveLength(1);
  });

  it('D04: two patients with the same reminder get a message each', async () => {
    const world = await clinicOf(2);
    await round(world, sixPm);
    expect(new Set(world.channels.sent.map(({ patient }) => patient)).size).toBe(2);
  });
});
