import { createHash, hash as hashAtOnce } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Everything a record, a state or a configuration may hold: what RFC 8785 writes in exactly one way. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one text of a value: RFC 8785 (sorted by UTF-16 code unit, no blanks). Properties that are undefined are left out,
 * and a value that is undefined is null.
 * Throws where there is none: NaN, an infinity, a lone surrogate.
 */
export function canonicalText(value: unknown): string {
  return canonicalize(value) ?? 'null';
}

/** SHA-256 of the parts put one after another, as lower-case hex. Strings count as UTF-8. */
export function sha256Hex(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** SHA-256 of one text as UTF-8, lower-case hex: five times as fast as sha256Hex, for where millions are wanted. */
export function sha256OfText(text: string): string {
  return hashAtOnce('sha256', text);
}

/** SHA-256 of the bytes which a hex text spells, lower-case hex. */
export function sha256OfHex(hex: string): string {
  return hashAtOnce('sha256', Buffer.from(hex, 'hex'));
}

/** SHA-256 of texts that arrive one after another, in constant memory. */
export function runningSha256(): { add(text: string): void; hex(): string } {
  const running = createHash('sha256');
  return { add: (text) => void running.update(text), hex: () => running.copy().digest('hex') };
}

/** The name of a configuration or of inputs: "sha256:" and the hash of their canonical text. */
export function fingerprint(value: unknown): string {
  return `sha256:${sha256Hex(canonicalText(value))}`;
}
