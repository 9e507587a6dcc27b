import { createHmac, type KeyObject } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Characters of an opaque id: 130 bits, so that two ids of a clinic never meet by chance. */
const length = 26;

/** "p-…" of a vendor's patient id. Without the key nobody can compute it, or find the id back by trying. */
export function patientPseudonym(key: KeyObject, vendorId: string): string {
  return `p-${hash(key, `patient\u0000${vendorId}`)}`;
}

/** "e-…" of an event's id. */
export function eventPseudonym(key: KeyObject, eventId: string): string {
  return `e-${hash(key, `event\u0000${eventId}`)}`;
}

/** The first 130 bits of HMAC-SHA-256, in the lower-case alphabet of RFC 4648 base32. */
function hash(key: KeyObject, message: string): string {
  const bytes = createHmac('sha256', key).update(message).digest();
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
    }
  }
  return text.slice(0, length);
}
