import { sha256OfHex, sha256OfText } from './canonical.ts';
import { type Instant, readInstant } from './instant.ts';
import type { Hash } from './merkle-log.ts';
import { groupsOf } from './pattern-groups.ts';

/** What one seal says about the whole log: C2SP tlog-checkpoint, its extension lines named. Nothing in it tells of a patient. */
export interface Checkpoint {
  /** Which log this is, as a name without blanks: "clinic.example/tandem/audit". */
  readonly origin: string;
  /** Entries in the log, and their root: RFC 9162. */
  readonly size: number;
  readonly root: Hash;
  /** 1 for the first seal, then without a gap. */
  readonly seal: number;
  /** Begins where the seal before ended, so that no time is left out. */
  readonly period: { readonly start: Instant; readonly end: Instant };
  /** All chains and all records that any seal so far covers. */
  readonly chains: number;
  readonly records: number;
  /** checkpointHash of the seal before; null in the first. */
  readonly previous: Hash | null;
  /** Clinic.hash: the rules in force. */
  readonly rules: string;
  /** The version of the time-zone data, such as "2026c". */
  readonly zones: string;
  /** Rotation: from the next seal on this key signs alone. Stands in the signed text, so nobody but the old key can name a new one. */
  readonly nextKey: string | null;
}

/** A public key as DER, SubjectPublicKeyInfo (what KMS GetPublicKey returns), in lower-case hex. */
export interface PublicKey {
  readonly algorithm: 'ed25519' | 'ecdsa-p256';
  readonly der: string;
}

/** A key the reader trusts. With a name it holds only for signatures under that name. */
export interface TrustedKey extends PublicKey {
  readonly name: string | null;
}

/** Checks one signature over the text's UTF-8 bytes; passed in, because the domain knows no cryptography beyond hashing. */
export type VerifySignature = (key: PublicKey, text: string, signature: Uint8Array) => boolean;

/** RFC 8410 and RFC 5480: what stands before the 32 bytes of an Ed25519 key and before the point of a P-256 key. */
const derPrefix = {
  ed25519: '302a300506032b6570032100',
  'ecdsa-p256': '3059301306072a8648ce3d020106082a8648ce3d03010703420004',
} as const;
const derLength = { ed25519: 88, 'ecdsa-p256': 182 } as const;

/** C2SP signed-note: 0x01 is Ed25519, 0x02 ECDSA. */
const typeByte = { ed25519: '01', 'ecdsa-p256': '02' } as const;

const hexOf = (text: string) => Buffer.from(text, 'utf8').toString('hex');
const base64Of = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const hexOfBase64 = (text: string) => Buffer.from(text, 'base64').toString('hex');

/** The key of a DER text in hex. Null unless it is exactly an Ed25519 or a P-256 key. */
export function publicKeyOf(der: string): PublicKey | null {
  const known = (['ed25519', 'ecdsa-p256'] as const).find(
    (algorithm) => der.startsWith(derPrefix[algorithm]) && der.length === derLength[algorithm],
  );
  return known === undefined ? null : { algorithm: known, der };
}

/**
 * Four bytes, in hex, that tell which key signed. Ed25519 as signed-note recommends: SHA-256(name, newline, 0x01, the 32 bytes).
 * ECDSA as signed-note lays down for type 0x02: SHA-256 of the DER key, the name not in it.
 */
export function keyHash(name: string, key: PublicKey): string {
  const input = key.algorithm === 'ed25519' ? `${hexOf(`${name}\n`)}01${key.der.slice(-64)}` : key.der;
  return sha256OfHex(input).slice(0, 8);
}

/** One line that names a key: name+hash+base64(type byte, key), the form that C2SP tools read. */
export function verifierKey(name: string, key: PublicKey): string {
  const bytes = key.algorithm === 'ed25519' ? key.der.slice(-64) : key.der;
  return `${name}+${keyHash(name, key)}+${base64Of(`${typeByte[key.algorithm]}${bytes}`)}`;
}

/** Reads such a line. Null where it is none, or where the hash is not the key's. */
export function readVerifierKey(line: string): (TrustedKey & { readonly name: string }) | null {
  const parts = groupsOf(/^([^\s+]+)\+[0-9a-f]{8}\+([A-Za-z0-9+/]+=*)$/, line);
  if (parts === null) return null;
  const [, name, encoded] = parts;
  const bytes = hexOfBase64(encoded);
  const key = publicKeyOf(bytes.startsWith('01') ? `${derPrefix.ed25519}${bytes.slice(2)}` : bytes.slice(2));
  return key !== null && verifierKey(name, key) === line ? { ...key, name } : null;
}

/** Every key in a text: PEM blocks ("PUBLIC KEY") and verifier-key lines, in any mixture. */
export function readTrustedKeys(text: string): TrustedKey[] {
  const keys: TrustedKey[] = [];
  for (const [block] of text.matchAll(/(?<=-----BEGIN PUBLIC KEY-----)[^-]*(?=-----END PUBLIC KEY-----)/g)) {
    const key = publicKeyOf(hexOfBase64(block));
    if (key !== null) keys.push({ ...key, name: null });
  }
  for (const line of text.split('\n')) {
    const key = readVerifierKey(line.trim());
    if (key !== null) keys.push(key);
  }
  return keys;
}

/** The text that is signed. Its length depends on no more than the digits of its numbers: far below the 4,096 bytes KMS takes. */
export function checkpointText(checkpoint: Checkpoint): string {
  const { origin, size, root, seal, period, chains, records, previous, rules, zones, nextKey } = checkpoint;
  const lines = [
    origin,
    String(size),
    base64Of(root),
    `seal ${seal}`,
    `period ${period.start} ${period.end}`,
    `chains ${chains}`,
    `records ${records}`,
    `previous ${previous ?? 'none'}`,
    `rules ${rules}`,
    `zones ${zones}`,
    ...(nextKey === null ? [] : [`next-key ${nextKey}`]),
  ];
  return `${lines.join('\n')}\n`;
}

const number = String.raw`(\d{1,15})`;
const head = new RegExp(
  String.raw`^([^\s+]+)\n${number}\n([A-Za-z0-9+/]{43}=)\nseal ${number}\nperiod (\S+) (\S+)\nchains `,
);
const extension = new RegExp(
  String.raw`\nchains ${number}\nrecords ${number}\nprevious (none|[0-9a-f]{64})\nrules (\S+)\nzones (\S+)\n((?:next-key \S+\n)?)$`,
);

/** Reads such a text. Null unless writing it again gives the same bytes. */
export function readCheckpoint(text: string): Checkpoint | null {
  const lines = groupsOf(head, text);
  const more = groupsOf(extension, text);
  if (lines === null || more === null) return null;
  const [, origin, size, root, seal, start, end] = lines;
  const [, chains, records, previous, rules, zones, nextKey] = more;
  const checkpoint: Checkpoint = {
    origin,
    size: Number(size),
    root: hexOfBase64(root),
    seal: Number(seal),
    period: { start, end },
    chains: Number(chains),
    records: Number(records),
    previous: previous === 'none' ? null : previous,
    rules,
    zones,
    nextKey: nextKey === '' ? null : nextKey.slice('next-key '.length, -1),
  };
  const isTimely = readInstant(start) === start && readInstant(end) === end;
  return isTimely && checkpointText(checkpoint) === text ? checkpoint : null;
}

/** What the next seal says under "previous": the hash of the signed text, whatever signatures stand below it. */
export function checkpointHash(text: string): Hash {
  return sha256OfText(text);
}

export interface NoteSignature {
  readonly name: string;
  /** Four bytes, hex. */
  readonly keyHash: string;
  readonly signature: Uint8Array;
}

/** A signed note: the text, an empty line, one line for each signature. */
export function signedNote(text: string, signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(({ name, keyHash: id, signature }) => {
    const bytes = Buffer.concat([Buffer.from(id, 'hex'), signature]);
    return `\u2014 ${name} ${bytes.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** The most signatures a note may carry: signed-note asks for 16 at least. */
const mostSignatures = 16;

/** Takes a note apart. Null unless putting it together again gives the same bytes. */
export function readNote(
  note: string,
): { readonly text: string; readonly signatures: readonly NoteSignature[] } | null {
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) return null;
  const text = note.slice(0, blank + 1);
  const signatures = note
    .slice(blank + 2)
    .split('\n')
    .map((line) => groupsOf(/^\u2014 ([^\s+]+) (\S+)$/, line))
    .filter((parts) => parts !== null)
    .map(([, name, encoded]) => {
      const bytes = Buffer.from(encoded, 'base64');
      return { name, keyHash: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) };
    });
  return signatures.length <= mostSignatures && signedNote(text, signatures) === note ? { text, signatures } : null;
}

/** Who vouches for a note: a key that is trusted, none of them, or somebody who pretends to be one. */
export type Voucher = 'trusted' | 'unknown-key' | 'forged';

/** A single bad signature under a trusted key's name and hash condemns the note, whatever else stands there. */
export function voucherOf(
  text: string,
  signatures: readonly NoteSignature[],
  keys: readonly TrustedKey[],
  verify: VerifySignature,
): Voucher {
  let voucher: Voucher = 'unknown-key';
  for (const { name, keyHash: id, signature } of signatures) {
    const claimed = keys.filter((key) => (key.name ?? name) === name && keyHash(name, key) === id);
    if (claimed.length === 0) continue;
    if (!claimed.some((key) => verify(key, text, signature))) return 'forged';
    voucher = 'trusted';
  }
  return voucher;
}
