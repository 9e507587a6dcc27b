import { describe, expect, it } from 'vitest';
import { sealRecord } from '../../functions/domain/audit-chain.ts';
import { isByPerson, isOfPatient, patientsListed, readAuditRecord } from '../../functions/domain/audit-record.ts';
import { auditRecord } from '../audit-records.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a record out of its bytes', () => {
  it('is what was sealed', () => {
    const { version: _version, chain, sequence: _sequence, recordedAt, ...entry } = auditRecord();
    const sealed = sealRecord({ id: chain, version: 0, head: '00' }, entry, recordedAt, new Uint8Array(16));
    expect(readAuditRecord(sealed.bytes)).toEqual(auditRecord());
  });

  it('may hold what a later version adds, and is null where it is none', () => {
    expect(readAuditRecord(bytes(JSON.stringify({ ...auditRecord(), more: 1 })))).toEqual(auditRecord());
    expect(readAuditRecord(bytes(JSON.stringify({ ...auditRecord(), version: 2 })))).toBeNull();
    expect(readAuditRecord(bytes('no JSON'))).toBeNull();
  });
});

describe('whose record it is', () => {
  it('is a person’s unless Tandem or the vendor did it', () => {
    expect(isByPerson(auditRecord())).toBe(true);
    for (const role of ['system', 'vendor'])
      expect(isByPerson(auditRecord({ agent: { who: 'tandem', role } }))).toBe(false);
  });

  it('is about the patient of its chain, or about those whom a list named, each once', () => {
    expect(isOfPatient(auditRecord())).toBe(true);
    expect(isOfPatient(auditRecord({ chain: 'system-3' }))).toBe(false);
    const alerts = [
      { alert: 'a-1', patient: 'p-a' },
      { alert: 'a-2', patient: 'p-a' },
    ];
    expect(patientsListed(auditRecord({ detail: { alerts } }))).toEqual(['p-a']);
    expect(patientsListed(auditRecord({ detail: { alerts: [{ id: 'a-1' }] } }))).toEqual([]);
  });
});
