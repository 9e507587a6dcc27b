import { describe, expect, it } from 'vitest';
import { MemoryAudit } from '../../functions/adapters/memory/audit.ts';
import { MemoryPatients } from '../../functions/adapters/memory/patients.ts';
import { MemorySetAsides } from '../../functions/adapters/memory/set-asides.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { Conflict } from '../../functions/ports/patients.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-01T12:00:00.000Z';
const event: ClinicalEvent = {
  id: 'ev-1',
  type: 'PatientActive',
  occurredAt: '2026-02-01T00:00:00.000Z',
  patient: 'vendor-1',
  data: { kind: 'log-in' },
};

async function commit(patients: MemoryPatients, id = 'p-1', one = event): Promise<void> {
  const loaded = await patients.load(id);
  await patients.commit(loaded, decideEvent(loaded, one, null, exampleClinic, now));
}

describe('the memory twins', () => {
  it('do nothing where a fault strikes before, and everything where it strikes after', async () => {
    let strikes: 'before' | 'after' | null = null;
    const strike = (when: 'before' | 'after') => (operation: string) => {
      if (strikes === when && operation === 'patients.commit') throw new Error(`struck ${when}`);
    };
    const { patients } = memoryStore({ before: strike('before'), after: strike('after') });
    strikes = 'before';
    await expect(commit(patients)).rejects.toThrow('struck before');
    expect(await patients.seen('p-1', 'ev-1')).toEqual({ kind: 'never' });
    strikes = 'after';
    await expect(commit(patients)).rejects.toThrow('struck after');
    strikes = null;
    expect(await patients.seen('p-1', 'ev-1')).toEqual({ kind: 'same-patient', event });
    expect(patients.auditRecords('p-1')).toHaveLength(1);
  });

  it('change nothing where the record is refused', async () => {
    const patients = new MemoryPatients();
    const loaded = await patients.load('p-1');
    const change = decideEvent(loaded, event, null, exampleClinic, now);
    const audit = { ...change.audit, reason: 'x'.repeat(9000) };
    await expect(patients.commit(loaded, { ...change, audit })).rejects.toThrow(RangeError);
    expect(await patients.load('p-1')).toMatchObject({ version: 0 });
    expect(await patients.seen('p-1', 'ev-1')).toEqual({ kind: 'never' });
  });

  it('list the patients by id', async () => {
    const patients = new MemoryPatients();
    await commit(patients, 'p-2', { ...event, id: 'ev-2' });
    await commit(patients, 'p-1', { ...event, id: 'ev-1' });
    await commit(patients, 'p-3', { ...event, id: 'ev-3' });
    expect(patients.patients().map(({ id }) => id)).toEqual(['p-1', 'p-2', 'p-3']);
  });

  it('let nobody change what they keep', async () => {
    const { patients, bus, auditRecords } = memoryStore();
    await commit(patients);
    const { state } = await patients.load('p-1');
    expect(() => Object.assign(state.activity, { last: null })).toThrow(TypeError);
    auditRecords('p-1')[0]?.bytes.fill(0);
    expect(auditRecords('p-1')[0]?.bytes.some((byte) => byte !== 0)).toBe(true);
    const detail = { n: 1 };
    await bus.put([{ source: 'tandem.programme', detailType: 'PatientActive', detail }]);
    detail.n = 2;
    expect(bus.entries()).toEqual([{ source: 'tandem.programme', detailType: 'PatientActive', detail: { n: 1 } }]);
  });

  it('know their chains, and refuse a record for a place that is taken', async () => {
    const audit = new MemoryAudit(() => new Uint8Array(16));
    const { audit: entry } = decideEvent(await new MemoryPatients().load('p-1'), event, null, exampleClinic, now);
    const place = audit.place('p-1');
    audit.append(place, entry, now);
    expect(() => audit.append(place, entry, now)).toThrow(Conflict);
    expect(audit.chains()).toEqual(['p-1']);
  });

  it('work each by itself', async () => {
    const setAsides = new MemorySetAsides({ rules: 'sha256:rules', now: () => now });
    await setAsides.put({ id: 'a', at: now, reason: 'r', body: 'b' });
    expect(await setAsides.remove('a', 'sent again')).toBe(true);
  });
});
