import { describe, expect, it } from 'vitest';
import { decideHold } from '../../functions/domain/legal-hold.ts';
import { expiryBefore, keptLongEnoughBefore } from '../../functions/domain/retention.ts';
import { type ExpiryPorts, expireAudit } from '../../functions/expire-audit.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import { PatientErased } from '../../functions/ports/patients.ts';
import type { StoredRecord } from '../../functions/ports/stored-records.ts';
import { noPause, order, portsOf, systemRecordsAbout, type World, worldOf } from '../erasable-patients.ts';
import { exampleClinic } from '../example-clinic.ts';

const zone = 'America/New_York';

describe('how long the audit is kept', () => {
  it('is counted in calendar years of the clinic, over leap days and changes of the clocks', () => {
    expect(keptLongEnoughBefore('2032-03-02T05:00:00.000Z', 6, zone)).toBe('2026-03-02T05:00:00.000Z');
    expect(keptLongEnoughBefore('2032-02-29T17:00:00.000Z', 6, zone)).toBe('2026-02-28T17:00:00.000Z');
    // In 2034 the clocks have gone forward by 13 March, in 2028 too; the wall clock says the same.
    expect(keptLongEnoughBefore('2034-03-13T12:00:00.000Z', 6, zone)).toBe('2028-03-13T12:00:00.000Z');
  });

  it('takes a day that lies before that, in the clinic’s zone, and none within the years', () => {
    const now = '2032-03-02T17:00:00.000Z';
    expect(expiryBefore(null, now, 6, zone)).toBe('2026-03-02T17:00:00.000Z');
    expect(expiryBefore('2026-03-02', now, 6, zone)).toBe('2026-03-02T05:00:00.000Z');
    expect(expiryBefore('2020-07-01', now, 6, zone)).toBe('2020-07-01T04:00:00.000Z');
    expect(expiryBefore('2026-03-03', now, 6, zone)).toBeNull();
  });
});

const years = exampleClinic.settings.auditRetentionYears;
// The course of every patient here ends on 2026-03-03 at 9.
const dayBefore = `${2026 + years}-03-02T09:00:00.000Z`;
const dayAfter = `${2026 + years}-03-04T09:00:00.000Z`;

function expiryPorts(world: World, change: Partial<ExpiryPorts> = {}): ExpiryPorts {
  const records = {
    async *between(chain: string, first: number, last: number) {
      for (const { sequence, recordedAt, recordHash, head } of world.store.auditRecords(chain))
        if (sequence >= first && sequence <= last)
          yield { chain, sequence, recordedAt, recordHash, head, content: null } satisfies StoredRecord;
    },
  };
  return { ...portsOf(world), reviewIndex: world.store.reviewIndex, records, ...change };
}

const expire = (world: World, now: string, erase = true, change: Partial<ExpiryPorts> = {}) =>
  expireAudit(expiryPorts(world, change), keptLongEnoughBefore(now, years, 'UTC'), order, erase, now);

describe('what was kept for as long as it has to be', () => {
  it('stays the day before, and is erased the day after: the whole chain, with its record', async () => {
    const world = await worldOf(['one', 'two']);
    const id = await world.store.pseudonyms.patient('one');
    expect(await expire(world, dayBefore)).toEqual({ looked: 2, expired: [], kept: [], failures: [] });
    const found = await expire(world, dayAfter);
    expect(found).toMatchObject({ looked: 2, kept: [], failures: [] });
    expect(found.expired).toHaveLength(2);
    await expect(world.store.patients.load(id)).rejects.toBeInstanceOf(PatientErased);
    expect(systemRecordsAbout(world, id)).toMatchObject([
      { action: 'patient.erase', recordedAt: dayAfter, detail: { cause: 'retention', sequence: 4 } },
    ]);
    expect(await expire(world, dayAfter)).toMatchObject({ looked: 0, expired: [] });
  });

  it('is only named without --erase', async () => {
    const world = await worldOf(['one']);
    const id = await world.store.pseudonyms.patient('one');
    expect(await expire(world, dayAfter, false)).toMatchObject({ expired: [id] });
    expect(await world.store.patients.load(id)).toMatchObject({ version: 3 });
  });

  it('is kept under a legal hold and while somebody is enrolled, and says why', async () => {
    const world = await worldOf(['held']);
    const id = await world.store.pseudonyms.patient('held');
    await loadDecideCommit(
      world.store.patients,
      id,
      async (patient) => {
        const decision = decideHold(patient, order, exampleClinic, '2026-03-03T10:00:00.000Z');
        return 'change' in decision ? decision.change : null;
      },
      noPause,
    );
    expect(await expire(world, dayAfter)).toMatchObject({
      expired: [],
      kept: [{ id, why: expect.stringContaining('a legal hold stands') }],
    });
    const enrolled = await worldOf(['enrolled'], 2);
    expect(await expire(enrolled, dayAfter)).toMatchObject({
      expired: [],
      kept: [{ why: expect.stringContaining('the enrolment has not ended') }],
    });
  });

  it('is kept where something came in between looking and erasing', async () => {
    const world = await worldOf(['one']);
    const id = await world.store.pseudonyms.patient('one');
    const first = await world.store.patients.load(id);
    const held = { ...first, legalHold: { since: dayAfter, by: 'it', reason: 'x' } };
    let loads = 0;
    const patients = {
      load: async () => {
        loads += 1;
        return loads === 1 ? first : held;
      },
    };
    expect(await expire(world, dayAfter, true, { patients })).toMatchObject({
      expired: [],
      kept: [{ id, why: expect.stringContaining('a legal hold stands') }],
    });
  });

  it('does not stop at a patient who cannot be looked at, or whom somebody erased meanwhile', async () => {
    const world = await worldOf(['one', 'two', 'three']);
    const [one, two] = await Promise.all(['one', 'two'].map((vendor) => world.store.pseudonyms.patient(vendor)));
    const patients = {
      load: (id: string) =>
        id === one
          ? Promise.reject(new PatientErased(id, dayAfter))
          : id === two
            ? Promise.reject(new Error('damage'))
            : world.store.patients.load(id),
    };
    expect(await expire(world, dayAfter, true, { patients })).toMatchObject({
      looked: 3,
      expired: [await world.store.pseudonyms.patient('three')],
      failures: [{ id: two }],
    });
  });

  it('is not guessed of a chain whose newest record is missing', async () => {
    const world = await worldOf(['one']);
    const records = { async *between() {} };
    const found = await expire(world, dayAfter, true, { records });
    expect(found).toMatchObject({
      expired: [],
      failures: [{ error: { message: expect.stringContaining('is not there') } }],
    });
  });

  it('is looked for on every page and in every shard of the index', async () => {
    const world = await worldOf(['one', 'two']);
    const ids = await Promise.all(['one', 'two'].map((vendor) => world.store.pseudonyms.patient(vendor)));
    const reviewIndex = {
      shards: [0, 1],
      due: async (shard: number, _until: string | null, cursor: string | null) => {
        if (shard === 0) return { due: [], cursor: null };
        const place = Number(cursor ?? 0);
        const id = ids[place] as string;
        return { due: [{ id, reviewAt: null }], cursor: place === 0 ? '1' : null };
      },
    };
    expect((await expire(world, dayAfter, true, { reviewIndex })).expired).toEqual(ids);
  });
});
