import * as z from 'zod';
import { type ChainId, largestRecordBytes } from './audit-chain.ts';
import { runningSha256, sha256OfText } from './canonical.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Instant } from './instant.ts';
import type { Hash } from './merkle-log.ts';
import { groupsOf } from './pattern-groups.ts';
import { type ChangedChain, chainEntry, tickEntry } from './seal.ts';

/** The first words of an evidence bundle: which version of docs/audit.md describes it. */
export const bundleFormat = 'tandem.evidence.v1';

/** What a bundle holds in full. Everything else of the log stands in it as hashes only. */
export interface BundleScope {
  readonly chains: 'all' | readonly ChainId[];
  /** Seals whose period ends after `from` and not after `to`; null: no limit. */
  readonly from: Instant | null;
  readonly to: Instant | null;
}

export const everything: BundleScope = { chains: 'all', from: null, to: null };

export function isWhole({ chains, from, to }: BundleScope): boolean {
  return chains === 'all' && from === null && to === null;
}

export interface HeaderLine {
  readonly kind: 'header';
  readonly origin: string;
  readonly exportedAt: Instant;
  readonly scope: BundleScope;
  /** For the reader's orientation; trust comes from the keys the reader brings. */
  readonly keys: readonly { readonly key: string; readonly fromSeal: number; readonly toSeal: number | null }[];
  /** bundleReadme, as it was when the bundle was made. */
  readonly readme: readonly string[];
}

/** One record as stored. */
export interface RecordLine {
  readonly kind: 'record';
  readonly chain: ChainId;
  readonly sequence: number;
  readonly recordedAt: Instant;
  readonly recordHash: Hash;
  readonly head: Hash;
  /** Its JWE as JSON text, quoted as it stands in the line: most readers never unquote it. Null where it is left out. */
  readonly quoted: string | null;
}

/** One entry of the log; its records follow it. */
export interface EntryLine extends ChangedChain {
  readonly kind: 'entry';
  /** c[firstSeq - 1], so that the records can be linked without those before them. */
  readonly previous: Hash;
}

export interface TickLine {
  readonly kind: 'tick';
  readonly period: Checkpoint['period'];
}

/** A perfect subtree of 2^level entries outside the bundle's scope. */
export interface WithheldLine {
  readonly kind: 'withheld';
  readonly level: number;
  readonly hash: Hash;
}

/** The signed note over all entries so far, and the log's right edge at its size. */
export interface SealLine {
  readonly kind: 'seal';
  readonly note: string;
  readonly edge: readonly Hash[];
}

/** Where a chain of this bundle ends. */
export interface ChainEndLine {
  readonly kind: 'chain-end';
  readonly chain: ChainId;
  readonly sequence: number;
  readonly head: Hash;
}

export interface PartLine {
  readonly part: BundlePart;
  readonly lines: number;
  readonly bytes: number;
  /** SHA-256 of the SHA-256 (hex) of each line without its check. */
  readonly sha256: Hash;
}

export interface ManifestLine {
  readonly kind: 'manifest';
  readonly parts: readonly PartLine[];
}

export type BundleLine =
  | HeaderLine
  | RecordLine
  | EntryLine
  | TickLine
  | WithheldLine
  | SealLine
  | ChainEndLine
  | ManifestLine;

/** The parts of a bundle, in their order. The manifest counts and hashes each. */
export const bundleParts = ['header', 'log', 'chains'] as const;
export type BundlePart = (typeof bundleParts)[number];

/** Told to whoever opens the file without knowing what it is. */
export const bundleReadme = [
  'This is evidence from an audit log, one JSON value a line. Nobody can change it unseen, not even who runs the system.',
  'Check it with: npx tandem audit verify FILE --key PUBLIC-KEY. The key comes from the compliance officer, not from here.',
  'Order: for each period of five minutes the chains that grew, each followed by its records, then the signed seal.',
  'A record holds its chain, its number, its time, the hash of its content and the hash that links it to the one before.',
  'The content is encrypted (JWE, RFC 7516). Everything but the content can be checked without any key to read it.',
  'The exact bytes of each line, and a second verifier in 80 lines of Python, stand in docs/audit.md and docs/verify.py.',
];

/** JSON in ASCII: what is not is written as \uXXXX, so that a byte is a character in every reader. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** How long `,"check":"0123456789abcdef"}` is. */
const checkLength = 28;

function withCheck(open: string): string {
  return `${open},"check":"${sha256OfText(open).slice(0, 16)}"}`;
}

/** The SHA-256 of a line up to its check. */
export function lineHash(line: string): Hash {
  return sha256OfText(line.slice(0, -checkLength));
}

/** Whether a line ends with the right check: it tells chance damage, and where; against intent stand the hashes and the seals. */
export function checkHolds(line: string, ofLine: Hash): boolean {
  return line.endsWith(`,"check":"${ofLine.slice(0, 16)}"}`);
}

/** One line of a bundle, without its newline. Each value has exactly one text. */
export function writeLine(line: BundleLine): string {
  return withCheck(openLine(line));
}

function openLine(line: BundleLine): string {
  switch (line.kind) {
    case 'header': {
      const { origin, exportedAt, scope, keys, readme } = line;
      const { chains, from, to } = scope;
      return open({ format: bundleFormat, origin, exportedAt, scope: { chains, from, to }, keys, readme });
    }
    case 'record': {
      const { chain, sequence, recordedAt, recordHash, head, quoted } = line;
      const content = quoted === null ? '' : `,"content":${quoted}`;
      return `${open({ chain, sequence, recordedAt, recordHash, head })}${content}`;
    }
    case 'entry':
      return `{"entry":${chainEntry(line)},"previous":"${line.previous}"`;
    case 'tick':
      return `{"entry":${tickEntry(line.period)}`;
    case 'withheld':
      return open({ withheld: line.hash, level: line.level });
    case 'seal':
      return open({ seal: line.note, edge: line.edge });
    case 'chain-end':
      return open({ chainEnd: line.chain, sequence: line.sequence, head: line.head });
    default:
      return open({ manifest: line.parts });
  }
}

const open = (value: object) => asciiJson(value).slice(0, -1);

// Written out: for {64} the engine counts at each digit, and a record is read in a third less time without.
const digits = (count: number) => '[0-9a-f]'.repeat(count);
const hex = `(${digits(64)})`;
const number = String.raw`(0|[1-9]\d{0,14})`;
const name = '([a-z0-9][a-z0-9-]{0,63})';
const instant = String.raw`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)`;
const quotedText = String.raw`"[ !#-\[\]-~]*(?:\\["\\][ !#-\[\]-~]*)*"`;
const anyCheck = `,"check":"${digits(16)}"}$`;
const exactly = (text: string) => new RegExp(`^${text}${anyCheck}`);

const recordShape = exactly(
  `{"chain":"${name}","sequence":${number},"recordedAt":"${instant}","recordHash":"${hex}","head":"${hex}"((?:,"content":${quotedText})?)`,
);
const entryShape = exactly(
  `{"entry":{"chain":"${name}","firstSeq":${number},"head":"${hex}","lastSeq":${number}},"previous":"${hex}"`,
);
const tickShape = exactly(`{"entry":{"tick":{"end":"${instant}","start":"${instant}"}}`);
const withheldShape = exactly(String.raw`{"withheld":"${hex}","level":([1-4]?\d)`);
const chainEndShape = exactly(`{"chainEnd":"${name}","sequence":${number},"head":"${hex}"`);

/** No line of a sound bundle is longer: a JWE of the largest record is not, nor a header that names 10,000 chains. */
export const longestLine = 128 * largestRecordBytes;

/**
 * Reads one line. Null where it is none of the shapes above in exactly the bytes that writeLine gives. Does not look at the check.
 */
export function readLine(line: string): BundleLine | null {
  const record = groupsOf(recordShape, line);
  if (record !== null) {
    const [, chain, sequence, recordedAt, recordHash, head, content] = record;
    const quoted = content === '' ? null : content.slice(',"content":'.length);
    return { kind: 'record', chain, sequence: Number(sequence), recordedAt, recordHash, head, quoted };
  }
  const entry = groupsOf(entryShape, line);
  if (entry !== null) {
    const [, chain, firstSeq, head, lastSeq, previous] = entry;
    return { kind: 'entry', chain, firstSeq: Number(firstSeq), lastSeq: Number(lastSeq), head, previous };
  }
  return readRareLine(line);
}

function readRareLine(line: string): BundleLine | null {
  const tick = groupsOf(tickShape, line);
  if (tick !== null) return { kind: 'tick', period: { start: tick[2], end: tick[1] } };
  const withheld = groupsOf(withheldShape, line);
  if (withheld !== null) return { kind: 'withheld', level: Number(withheld[2]), hash: withheld[1] };
  const end = groupsOf(chainEndShape, line);
  if (end !== null) return { kind: 'chain-end', chain: end[1], sequence: Number(end[2]), head: end[3] };
  return readJsonLine(line);
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const scopeSchema = z.strictObject({
  chains: z.union([z.literal('all'), z.array(z.string())]),
  from: z.string().nullable(),
  to: z.string().nullable(),
});
const jsonLine = z.union([
  z
    .object({ seal: z.string(), edge: z.array(hash) })
    .transform(({ seal, edge }): SealLine => ({ kind: 'seal', note: seal, edge })),
  z
    .object({
      manifest: z.array(z.strictObject({ part: z.enum(bundleParts), lines: count, bytes: count, sha256: hash })),
    })
    .transform(({ manifest }): ManifestLine => ({ kind: 'manifest', parts: manifest })),
  z
    .object({
      origin: z.string(),
      exportedAt: z.string(),
      scope: scopeSchema,
      keys: z.array(z.strictObject({ key: z.string(), fromSeal: count, toSeal: count.nullable() })),
      readme: z.array(z.string()),
    })
    .transform((header): HeaderLine => ({ kind: 'header', ...header })),
]);

/** The three kinds of line that a pattern would not describe well: written again they must give the same bytes. */
function readJsonLine(line: string): BundleLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const { data } = jsonLine.safeParse(value);
  return data !== undefined && openLine(data) === line.slice(0, -checkLength) ? data : null;
}

/** Counts and hashes the parts of a bundle while its lines go by. */
export class Manifest {
  readonly #parts = { header: new PartCount(), log: new PartCount(), chains: new PartCount() };

  /** @param ofLine lineHash of the line. */
  add(part: BundlePart, line: string, ofLine: Hash): void {
    this.#parts[part].add(line, ofLine);
  }

  parts(): PartLine[] {
    return bundleParts.map((part) => ({ part, ...this.#parts[part].sum() }));
  }
}

class PartCount {
  readonly #hash = runningSha256();
  #lines = 0;
  #bytes = 0;
  #waiting = '';

  add(line: string, ofLine: Hash): void {
    this.#lines += 1;
    this.#bytes += line.length + 1;
    // Sixty-four bytes at a time would cost more than hashing the lines themselves.
    this.#waiting += ofLine;
    if (this.#waiting.length >= 16_384) this.#flush();
  }

  sum(): Omit<PartLine, 'part'> {
    this.#flush();
    return { lines: this.#lines, bytes: this.#bytes, sha256: this.#hash.hex() };
  }

  #flush(): void {
    this.#hash.add(this.#waiting);
    this.#waiting = '';
  }
}

/** Which part of a bundle a line belongs to. */
export function partOf({ kind }: Exclude<BundleLine, ManifestLine>): BundlePart {
  if (kind === 'header') return 'header';
  return kind === 'chain-end' ? 'chains' : 'log';
}

/** Writes a bundle line by line, in the order the lines are given; the manifest comes from `last`. */
export class BundleWriter {
  readonly #manifest = new Manifest();

  /** The line with its newline. */
  line(line: Exclude<BundleLine, ManifestLine>): string {
    const text = writeLine(line);
    this.#manifest.add(partOf(line), text, lineHash(text));
    return `${text}\n`;
  }

  last(): string {
    return `${writeLine({ kind: 'manifest', parts: this.#manifest.parts() })}\n`;
  }
}
