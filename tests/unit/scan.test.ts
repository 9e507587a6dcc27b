import { describe, expect, it } from 'vitest';
import { type MemoryStore, memoryStore } from '../../functions/adapters/memory/store.ts';
import { mayPass } from '../../functions/adapters/transient.ts';
import { Conflict } from '../../functions/ports/patients.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { closeOpenNight, openNight, type ScanPorts, scanShard } from '../../functions/risk-scan/scan.ts';
import { checkLastNight } from '../../functions/scan-watchdog/watchdog.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-08T07:00:00.000Z';
const noPause = () => Promise.resolve();
const portsOf = (store: MemoryStore, change: Partial<ScanPorts> = {}): ScanPorts => ({
  ...store,
  clinic: exampleClinic,
  pause: noPause,
  now: () => now,
  mayPass: () => false,
  ...change,
});

async function storeWith(...patients: string[]): Promise<MemoryStore> {
  const store = memoryStore();
  for (const patient of patients)
    await receiveEvent(
      { ...store, clinic: exampleClinic, pause: noPause },
      { id: `e-${patient}`, type: 'PatientActive', occurredAt: '2026-03-01T09:00:00Z', patient, data: { kind: 'use' } },
      now,
    );
  return store;
}

async function scan(ports: ScanPorts) {
  const { night, until } = await openNight(ports);
  await scanShard(ports, { night, until, shard: 0, cursor: null }, () => true);
  return closeOpenNight(ports, night);
}

describe('a scan', () => {
  it('accounts for everybody who is due, and a second start for the same night finds it done (D13)', async () => {
    const store = await storeWith('one', 'two');
    const ports = portsOf(store);
    expect(await scan(ports)).toMatchObject({ due: 2, assessed: 2, setAside: 0, missed: 0 });
    expect(await openNight(ports)).toMatchObject({ done: true });
    expect(store.patients.lines()).toHaveLength(2);
  });

  it('sets a record aside that cannot be decided on, with the name of the fault only, and goes on', async () => {
    const store = await storeWith('good', 'bad');
    const bad = await store.pseudonyms.patient('bad');
    const load = store.patients.load.bind(store.patients);
    store.patients.load = (id) => (id === bad ? Promise.reject(new SyntaxError('what a patient wrote')) : load(id));
    expect(await scan(portsOf(store))).toMatchObject({ due: 2, assessed: 1, setAside: 1, missed: 0 });
    const records = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15']
      .flatMap((shard) => store.auditRecords(`system-${shard}`))
      .map(({ bytes }) => new TextDecoder().decode(bytes));
    expect(records.some((record) => record.includes('scan.set-aside') && record.includes('SyntaxError'))).toBe(true);
    expect(records.join('')).not.toContain('what a patient wrote');
  });

  it('sets nobody aside for a fault that may pass: the page is tried again', async () => {
    const store = await storeWith('one');
    store.patients.load = () => Promise.reject(new Error('throttled'));
    const ports = portsOf(store, { mayPass: () => true });
    await expect(scan(ports)).rejects.toThrow('throttled');
    expect(await store.nights.lines('2026-03-08')).toEqual([]);
  });

  it('counts whoever lost every race as missed, and something thrown that is no error as set aside', async () => {
    const store = await storeWith('busy');
    store.patients.commit = () => Promise.reject(new Conflict());
    expect(await scan(portsOf(store))).toMatchObject({ due: 1, assessed: 0, missed: 1 });
    store.patients.load = () => Promise.reject('no error object');
    expect(await scan(portsOf(store))).toMatchObject({ due: 1, setAside: 1, missed: 0 });
  });

  it('stops between pages when its time is up, and goes on at the cursor', async () => {
    const store = await storeWith(...Array.from({ length: 201 }, (_, index) => `many-${index}`));
    const ports = portsOf(store);
    const { night, until } = await openNight(ports);
    const first = await scanShard(ports, { night, until, shard: 0, cursor: null }, () => false);
    expect(first.cursor).not.toBeNull();
    const second = await scanShard(ports, first, () => false);
    expect(second.cursor).toBeNull();
    expect(await closeOpenNight(ports, night)).toMatchObject({ assessed: 201, missed: 0 });
  });

  it('looks at everyone under new rules, and otherwise only at those who are due', async () => {
    const store = await storeWith('one');
    const first = await openNight(portsOf(store));
    expect(first.until).toBeNull();
    await scan(portsOf(store));
    const nextNight = { now: () => '2026-03-09T06:00:00.000Z' };
    expect((await openNight(portsOf(store, nextNight))).until).toBe('2026-03-09T06:00:00.000Z');
    await scan(portsOf(store, nextNight));
    const clinic = { ...exampleClinic, hash: 'sha256:new' };
    expect((await openNight(portsOf(store, { clinic, now: () => '2026-03-10T06:00:00.000Z' }))).until).toBeNull();
  });

  it('counts everyone whom a night under new rules did not reach, whenever they would have been due', async () => {
    const store = await storeWith('due later', 'never due');
    await scan(portsOf(store));
    const later = { clinic: { ...exampleClinic, hash: 'sha256:new' }, now: () => '2026-03-09T06:00:00.000Z' };
    const { night } = await openNight(portsOf(store, later));
    // No shard could be looked at; meanwhile somebody had an event, which is for the next night.
    const event = {
      id: 'e-new',
      type: 'PatientActive',
      occurredAt: '2026-03-09T06:01:00Z',
      patient: 'new',
      data: { kind: 'use' },
    };
    await receiveEvent({ ...store, clinic: exampleClinic, pause: noPause }, event, '2026-03-09T06:01:00.000Z');
    const atTheEnd = portsOf(store, { ...later, now: () => '2026-03-09T06:05:00.000Z' });
    expect(await closeOpenNight(atTheEnd, night)).toMatchObject({ due: 2, missed: 2 });
  });

  it('cannot close a night that was never opened', async () => {
    await expect(closeOpenNight(portsOf(memoryStore()), '2026-03-08')).rejects.toThrow('never opened');
  });
});

describe('the watchdog', () => {
  const check = async (store: MemoryStore, at: string) => {
    const told: string[] = [];
    const operators = { alert: async (text: string) => void told.push(text) };
    const found = await checkLastNight({ ...store, operators, clinic: exampleClinic }, at);
    return { ...found, told };
  };

  it('is silent after a night in which everybody was accounted for', async () => {
    const store = await storeWith('one');
    await scan(portsOf(store));
    expect(await check(store, '2026-03-08T12:00:00.000Z')).toEqual({ night: '2026-03-08', shortfall: null, told: [] });
  });

  it('tells the operators of a night without a scan, in words without anything personal', async () => {
    const { told } = await check(await storeWith('one'), '2026-03-08T12:00:00.000Z');
    expect(told).toEqual([
      'The scan of 2026-03-08 did not start.\n\nWhat to do: docs/operations.md#nightly-scan\nStage: example',
    ]);
  });

  it('sees by the index that somebody was left out, whatever the account says', async () => {
    const store = await storeWith('one', 'two');
    const ports = portsOf(store);
    const { night, until } = await openNight(ports);
    const run = await store.nights.load(night);
    if (run === undefined) throw new Error('the night was opened');
    await store.nights.close(run, { at: now, due: 0, assessed: 0, changed: 0, setAside: 0, missed: 0, seconds: 0 }, []);
    expect(until).toBeNull();
    expect((await check(store, '2026-03-08T12:00:00.000Z')).shortfall).toContain('2 patients were due');
  });
});

describe('a fault may pass', () => {
  it.each([
    ['a server error', Object.assign(new Error('x'), { $fault: 'server' }), true],
    ['throttling', Object.assign(new Error('x'), { name: 'ThrottlingException' }), true],
    [
      'a missing right, which concerns everybody',
      Object.assign(new Error('x'), { name: 'AccessDeniedException' }),
      true,
    ],
    ['a reset connection', Object.assign(new Error('x'), { code: 'ECONNRESET' }), true],
    ['a time-out', Object.assign(new Error('x'), { name: 'TimeoutError' }), true],
    ['content that cannot be opened', Object.assign(new Error('x'), { name: 'Unreadable', code: 7 }), false],
    ['something that is no error', 'x', false],
  ])('when it is %s', (_, error, passes) => {
    expect(mayPass(error)).toBe(passes);
  });
});
