import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventPseudonym, patientPseudonym } from '../../functions/adapters/keyed-hash.ts';

describe('a pseudonym', () => {
  it('is the HMAC-SHA-256 in base32: a stored id must never come out differently in a later version', () => {
    // Computed apart from this code, with Python's hmac and base64.b32encode.
    const key = createSecretKey(Buffer.alloc(32, 1));
    expect(patientPseudonym(key, 'vendor-123')).toBe('p-vyr3qoawsgzmau7rmsljy6gap4');
    expect(eventPseudonym(key, 'ev-1')).toBe('e-beux2v5m2i7iq633arl236u2y3');
  });
});
