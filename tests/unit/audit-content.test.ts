import { describe, expect, it } from 'vitest';
import type { RecordLine } from '../../functions/domain/audit-bundle.ts';
import {
  type AuditEntry,
  genesis,
  recordHash,
  type SealedRecord,
  sealRecord,
} from '../../functions/domain/audit-chain.ts';
import { contentFault } from '../../functions/domain/audit-verify-content.ts';

const entry: AuditEntry = {
  action: 'event.record',
  agent: { who: 'event-intake', role: 'system' },
  source: 'bus',
  part: 'questionnaire',
  outcome: 'success',
  reason: 'received',
  changed: true,
  rules: 'sha256:00',
  detail: { '\ufb33': 2, '\u{1f600}': 1 },
};
const sealed = sealRecord(
  { id: 'p-a', version: 0, head: genesis('p-a') },
  entry,
  '2026-03-02T09:00:00.000Z',
  new Uint8Array(16),
);

const lineOf = ({ chain, sequence, recordedAt, recordHash: hash, head }: SealedRecord): RecordLine => {
  return { kind: 'record', chain, sequence, recordedAt, recordHash: hash, head, quoted: null };
};

/** What somebody with the key may have put there: any bytes, with the hash that goes with them. */
function forged(text: string | Uint8Array) {
  const bytes = Buffer.from(text);
  return {
    line: { ...lineOf(sealed), recordHash: recordHash(sealed.salt, bytes) },
    opened: { salt: sealed.salt, bytes },
  };
}

describe('the content of a record', () => {
  const text = new TextDecoder().decode(sealed.bytes);

  it('that is what its line says passes', () => {
    expect(contentFault(lineOf(sealed), sealed)).toBeNull();
    expect(contentFault(forged(text).line, forged(text).opened)).toBeNull();
  });

  it('that its hash does not commit to is found out, in the salt as in the bytes', () => {
    expect(contentFault(lineOf(sealed), { ...sealed, salt: new Uint8Array(16).fill(1) })).toContain(
      'what its hash commits to',
    );
    expect(contentFault(lineOf(sealed), { ...sealed, bytes: sealed.bytes.with(0, 0) })).toContain(
      'what its hash commits to',
    );
  });

  it.each([
    ['is not JSON', '{'],
    ['is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['has blanks', text.replace(',', ', ')],
    ['sorts its keys by code point', text.replace('"\u{1f600}":1,"\ufb33":2', '"\ufb33":2,"\u{1f600}":1')],
    ['belongs to another chain', text.replace('"p-a"', '"p-b"')],
    ['bears another number', text.replace('"sequence":1', '"sequence":2')],
    ['bears another time', text.replace('09:00', '09:01')],
    ['is no record at all', 'null'],
  ])('that %s is found out, though its hash is right', (_, other) => {
    const { line, opened } = forged(other);
    expect(Buffer.from(other).equals(Buffer.from(sealed.bytes))).toBe(false);
    expect(contentFault(line, opened)).toEqual(expect.any(String));
  });

  it('is never repeated in what is said of it', () => {
    const { line, opened } = forged(text.replace('received', 'secret'));
    const other = { ...line, sequence: 7 };
    expect(contentFault(other, opened)).not.toContain('secret');
  });
});
