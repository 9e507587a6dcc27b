import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AuditEntry,
  chainHash,
  genesis,
  largestRecordBytes,
  recordHash,
  sealRecord,
} from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';

const entry: AuditEntry = {
  action: 'event.record',
  agent: { who: 'programme', role: 'vendor' },
  source: 'bus',
  part: null,
  outcome: 'success',
  reason: 'a test',
  changed: true,
  rules: 'sha256:0',
  detail: {},
};
const salt = new Uint8Array(16).fill(7);
const chain = { id: 'p-1', version: 0, head: genesis('p-1') };
const at = '2026-03-02T09:00:00.000Z';

/** SHA-256 by another way than the product's. */
function sha(...parts: (string | Uint8Array)[]) {
  return parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
}

describe('the audit chain', () => {
  it('hashes exactly what the format says, with a tag that ends in a zero byte', () => {
    expect(genesis('p-1')).toBe(sha('tandem.genesis.v1\0p-1'));
    expect(recordHash(salt, Buffer.from('{}'))).toBe(sha('tandem.record.v1\0', salt, '{}'));
    const previous = genesis('p-1');
    const record = recordHash(salt, Buffer.from('{}'));
    const number = Buffer.from([0, 0, 0, 0, 0, 0, 1, 2]);
    expect(chainHash('p-1', 258, previous, record)).toBe(
      sha('tandem.chain.v1\0', 'p-1', number, Buffer.from(previous, 'hex'), Buffer.from(record, 'hex')),
    );
  });

  it('numbers records from 1 and binds each to the one before', () => {
    const first = sealRecord(chain, entry, at, salt);
    const second = sealRecord({ ...chain, version: 1, head: first.head }, entry, at, salt);
    expect([first.sequence, second.sequence]).toEqual([1, 2]);
    expect(second.head).toBe(chainHash('p-1', 2, first.head, second.recordHash));
  });

  it('keeps the bytes it hashed: the canonical text of the record with its place', () => {
    const { bytes } = sealRecord(chain, entry, at, salt);
    expect(new TextDecoder().decode(bytes)).toBe(
      canonicalText({ ...entry, version: 1, chain: 'p-1', sequence: 1, recordedAt: at }),
    );
  });

  it('refuses a record larger than 8 KiB', () => {
    const large = { ...entry, detail: { text: 'x'.repeat(largestRecordBytes) } };
    expect(() => sealRecord(chain, large, at, salt)).toThrow(RangeError);
  });

  it('writes nothing at all as null', () => {
    expect(canonicalText(undefined)).toBe('null');
  });

  it('orders keys by UTF-16 code unit, so that every language writes the same bytes', () => {
    expect(canonicalText({ '\uFB33': 1, '\u{1F600}': 2 })).toBe('{"\u{1F600}":2,"\uFB33":1}');
  });
});
