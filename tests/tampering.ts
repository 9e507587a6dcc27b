import {
  type BundleLine,
  type BundlePart,
  bundleParts,
  lineHash,
  Manifest,
  partOf,
  type RecordLine,
  readLine,
  type SealLine,
  writeLine,
} from '../functions/domain/audit-bundle.ts';
import { chainHash, genesis } from '../functions/domain/audit-chain.ts';
import type { AuditFault, FaultKind } from '../functions/domain/audit-verify-fault.ts';
import { sha256OfText } from '../functions/domain/canonical.ts';

/** What one tampering did to a bundle, and how a verifier may name it. */
export interface Tampered {
  /** The file's text in pieces: what nobody touched is a line each, the same text as before, so that work on it can be shared. */
  readonly file: readonly string[];
  readonly kinds: readonly FaultKind[];
  /** Where it must be located: whichever of these the tampering determines. */
  readonly at: Partial<Pick<AuditFault, 'chain' | 'sequence' | 'seal' | 'line'>>;
}

type Draw = (n: number) => number;
/** Lines as values; a text stands for itself. */
type Lines = readonly BundleLine[];

export function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

interface Written {
  /** With its newline. */
  readonly text: string;
  readonly hash: string;
}
const written = new WeakMap<BundleLine, Written>();

/** Most lines stay what they were: each is written once. */
function writtenOnce(line: BundleLine): Written {
  const known = written.get(line);
  if (known !== undefined) return known;
  const text = writeLine(line);
  const fresh = { text: `${text}\n`, hash: lineHash(text) };
  written.set(line, fresh);
  return fresh;
}

/** As somebody writes it who knows the format: every check and the manifest are right again. */
export function mended(lines: Lines): string[] {
  const manifest = new Manifest();
  const texts: string[] = [];
  for (const line of lines) {
    if (line.kind === 'manifest') continue;
    const { text, hash } = writtenOnce(line);
    manifest.add(partOf(line), text.slice(0, -1), hash);
    texts.push(text);
  }
  return [...texts, `${writeLine({ kind: 'manifest', parts: manifest.parts() })}\n`];
}

/** The bytes of such a file. */
export function rewritten(lines: Lines): Buffer {
  return Buffer.from(mended(lines).join(''), 'latin1');
}

/** A byte of a file, drawn from all behind the first `from`: in which piece it stands, and where in that. */
function drawnByte(draw: Draw, file: readonly string[], from: number): { readonly piece: number; readonly at: number } {
  let at = from + draw(file.reduce((sum, { length }) => sum + length, -from));
  const piece = file.findIndex(({ length }) => {
    if (at < length) return true;
    at -= length;
    return false;
  });
  return { piece, at };
}

export function valuesOf(texts: readonly string[]): BundleLine[] {
  return texts.map((text) => {
    const line = readLine(text);
    if (line === null) throw new Error('not a line of a bundle');
    return line;
  });
}

const recordsAt = (lines: Lines): number[] => lines.flatMap((line, i) => (line.kind === 'record' ? [i] : []));
const sealsAt = (lines: Lines): number[] => lines.flatMap((line, i) => (line.kind === 'seal' ? [i] : []));
const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)] as T;
const recordAt = (lines: Lines, i: number) => lines[i] as RecordLine;
const sealAt = (lines: Lines, i: number) => lines[i] as SealLine;
const placeOf = ({ chain, sequence }: RecordLine) => ({ chain, sequence });

function linked(lines: Lines, i: number, recordHash: string): RecordLine {
  const record = recordAt(lines, i);
  const before = lines.find(
    (line) => line.kind === 'record' && line.chain === record.chain && line.sequence === record.sequence - 1,
  ) as RecordLine | undefined;
  const head = chainHash(record.chain, record.sequence, before?.head ?? genesis(record.chain), recordHash);
  return { ...record, recordHash, head };
}

/** @param file the untouched one, as `mended` gives it. */
export type Tampering = (file: readonly string[], lines: Lines, draw: Draw) => Tampered;

/** Each kind of tampering, as in the issue; where it makes a difference, by somebody who also mends checks and manifest. */
export const tamperings: { readonly [name: string]: Tampering } = {
  'a flipped bit anywhere'(file, _, draw) {
    const { piece, at } = drawnByte(draw, file, 0);
    const text = file[piece] as string;
    const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << draw(8)));
    return {
      file: file.with(piece, `${text.slice(0, at)}${flipped}${text.slice(at + 1)}`),
      kinds: ['altered', 'inserted', 'tail-cut', 'missing', 'extra-bytes'],
      at: { line: piece + 1 },
    };
  },
  'a flipped bit of a record, with the checks mended'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const record = recordAt(lines, i);
    const at = draw(64);
    const digit = (Number.parseInt(record.recordHash[at] as string, 16) ^ 1).toString(16);
    const recordHash = `${record.recordHash.slice(0, at)}${digit}${record.recordHash.slice(at + 1)}`;
    return { file: mended(lines.with(i, { ...record, recordHash })), kinds: ['altered'], at: placeOf(record) };
  },
  'a record deleted'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    return {
      file: mended(lines.toSpliced(i, 1)),
      kinds: ['missing', 'tail-cut', 'chain-dropped'],
      at: placeOf(recordAt(lines, i)),
    };
  },
  'a record deleted and those behind it renumbered'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const gone = recordAt(lines, i);
    const renumbered = lines
      .toSpliced(i, 1)
      .map((line, at) =>
        at >= i && line.kind === 'record' && line.chain === gone.chain
          ? { ...line, sequence: line.sequence - 1 }
          : line,
      );
    return {
      file: mended(renumbered),
      kinds: ['missing', 'tail-cut', 'altered', 'chain-dropped', 'reordered'],
      at: placeOf(gone),
    };
  },
  'two neighbouring records swapped'(_, lines, draw) {
    const pairs = recordsAt(lines).filter((i) => {
      const next = lines[i + 1];
      return next?.kind === 'record' && next.chain === recordAt(lines, i).chain;
    });
    const i = pick(draw, pairs);
    const swapped = lines.with(i, recordAt(lines, i + 1)).with(i + 1, recordAt(lines, i));
    return { file: mended(swapped), kinds: ['reordered'], at: placeOf(recordAt(lines, i)) };
  },
  'two records swapped'(_, lines, draw) {
    const records = recordsAt(lines);
    const i = pick(draw, records);
    const j = pick(
      draw,
      records.filter((other) => recordAt(lines, other).chain !== recordAt(lines, i).chain),
    );
    const swapped = lines.with(i, recordAt(lines, j)).with(j, recordAt(lines, i));
    return { file: mended(swapped), kinds: ['reordered'], at: placeOf(recordAt(lines, i)) };
  },
  'two entries swapped'(_, lines, draw) {
    const entries = lines.flatMap((line, i) => (line.kind === 'entry' ? [i] : []));
    const i = pick(draw, entries);
    const j = pick(
      draw,
      entries.filter((other) => other !== i),
    );
    const entry = lines[i] as BundleLine & { kind: 'entry' };
    const swapped = lines.with(i, lines[j] as BundleLine).with(j, entry);
    return {
      file: mended(swapped),
      kinds: ['reordered', 'missing', 'inserted', 'fork', 'altered'],
      at: { chain: entry.chain },
    };
  },
  'a record inserted again'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const to = 1 + draw(lines.length - 2);
    return {
      file: mended(lines.toSpliced(to, 0, recordAt(lines, i))),
      kinds: ['inserted', 'reordered', 'missing'],
      at: { chain: recordAt(lines, i).chain },
    };
  },
  'a made-up record inserted'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const madeUp = { ...recordAt(lines, i), recordHash: sha256OfText(String(draw(2 ** 30))) };
    return { file: mended(lines.toSpliced(i, 0, madeUp)), kinds: ['inserted'], at: placeOf(madeUp) };
  },
  'a made-up record inserted and those behind it renumbered'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const madeUp = { ...recordAt(lines, i), recordHash: sha256OfText(String(draw(2 ** 30))) };
    const renumbered = lines.map((line, at) =>
      at >= i && line.kind === 'record' && line.chain === madeUp.chain
        ? { ...line, sequence: line.sequence + 1 }
        : line,
    );
    return {
      file: mended(renumbered.toSpliced(i, 0, madeUp)),
      kinds: ['inserted', 'altered', 'missing'],
      at: placeOf(madeUp),
    };
  },
  'the file cut anywhere behind its first line'(file, _, draw) {
    // Cut within its first line it is no bundle at all.
    const { piece, at } = drawnByte(draw, file, (file[0] as string).length);
    const rest = (file[piece] as string).slice(0, at);
    return { file: [...file.slice(0, piece), rest], kinds: ['tail-cut'], at: {} };
  },
  "a chain's last records cut, with the checks mended"(_, lines, draw) {
    const from = recordAt(lines, pick(draw, recordsAt(lines)));
    const kept = lines.filter((l) => l.kind !== 'record' || l.chain !== from.chain || l.sequence < from.sequence);
    return { file: mended(kept), kinds: ['tail-cut', 'chain-dropped'], at: placeOf(from) };
  },
  "a chain's records dropped"(_, lines, draw) {
    const { chain } = recordAt(lines, pick(draw, recordsAt(lines)));
    const kept = lines.filter((line) => line.kind !== 'record' || line.chain !== chain);
    return { file: mended(kept), kinds: ['chain-dropped'], at: { chain, sequence: 1 } };
  },
  'a chain dropped with its entries'(_, lines, draw) {
    const { chain } = recordAt(lines, pick(draw, recordsAt(lines)));
    const kept = lines.filter((line) => !('chain' in line) || line.chain !== chain || line.kind === 'chain-end');
    return { file: mended(kept), kinds: ['chain-dropped'], at: { chain } };
  },
  'a chain dropped without a trace'(_, lines, draw) {
    const { chain } = recordAt(lines, pick(draw, recordsAt(lines)));
    const kept = lines.filter((line) => !('chain' in line) || line.chain !== chain);
    const first = lines.findIndex((line) => 'chain' in line && line.chain === chain);
    const seal = sealsAt(lines).findIndex((i) => i > first) + 1;
    return { file: mended(kept), kinds: ['chain-dropped'], at: { seal } };
  },
  'a fork: another record beside a record'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const rival = linked(lines, i, sha256OfText(String(draw(2 ** 30))));
    return { file: mended(lines.toSpliced(i + draw(2), 0, rival)), kinds: ['fork'], at: placeOf(rival) };
  },
  'a fork: another history up to the next seal'(_, lines, draw) {
    const i = pick(draw, recordsAt(lines));
    const from = recordAt(lines, i);
    const entry = lines.find(
      (l) => l.kind === 'entry' && l.chain === from.chain && l.firstSeq <= from.sequence && from.sequence <= l.lastSeq,
    ) as BundleLine & { kind: 'entry' };
    let forked = lines;
    for (let at = i; forked[at]?.kind === 'record'; at += 1)
      forked = forked.with(at, linked(forked, at, sha256OfText(`${at} ${draw(2 ** 30)}`)));
    return { file: mended(forked), kinds: ['fork'], at: { chain: entry.chain, sequence: entry.lastSeq } };
  },
  'a seal deleted'(_, lines, draw) {
    const seals = sealsAt(lines);
    const seal = draw(seals.length);
    return {
      file: mended(lines.toSpliced(seals[seal] as number, 1)),
      kinds: ['missing-seal'],
      at: { seal: seal + 1 },
    };
  },
  'a seal deleted with all it covers'(_, lines, draw) {
    const seals = sealsAt(lines);
    const seal = draw(seals.length - 1);
    const from = seal === 0 ? 1 : (seals[seal - 1] as number) + 1;
    return {
      file: mended(lines.toSpliced(from, (seals[seal] as number) - from + 1)),
      kinds: ['missing-seal'],
      at: { seal: seal + 1 },
    };
  },
  'a seal replaced by another'(_, lines, draw) {
    const seals = sealsAt(lines);
    const seal = draw(seals.length);
    const other = pick(
      draw,
      seals.filter((i) => i !== seals[seal]),
    );
    const replaced = lines.with(seals[seal] as number, sealAt(lines, other));
    return { file: mended(replaced), kinds: ['missing-seal'], at: { seal: seal + 1 } };
  },
  'two seals swapped'(_, lines, draw) {
    const seals = sealsAt(lines);
    const seal = draw(seals.length - 1);
    const [i, j] = [seals[seal] as number, pick(draw, seals.slice(seal + 1))];
    return {
      file: mended(lines.with(i, sealAt(lines, j)).with(j, sealAt(lines, i))),
      kinds: ['reordered'],
      at: { seal: seal + 1 },
    };
  },
  'a seal forged'(_, lines, draw) {
    const seals = sealsAt(lines);
    const seal = draw(seals.length);
    const line = sealAt(lines, seals[seal] as number);
    const digits = [...line.note.matchAll(/\d(?=\n)/g)].map((match) => match.index);
    const at = pick(draw, digits);
    const digit = (Number(line.note[at]) + 1) % 10;
    const note = `${line.note.slice(0, at)}${digit}${line.note.slice(at + 1)}`;
    return {
      file: mended(lines.with(seals[seal] as number, { ...line, note })),
      kinds: ['forged-seal'],
      at: { seal: seal + 1 },
    };
  },
  "a seal's signature replaced"(_, lines, draw) {
    const seals = sealsAt(lines);
    const seal = draw(seals.length);
    const line = sealAt(lines, seals[seal] as number);
    const other = sealAt(lines, seals[(seal + 1) % seals.length] as number);
    const note = line.note.slice(0, line.note.lastIndexOf('\n\n')) + other.note.slice(other.note.lastIndexOf('\n\n'));
    return {
      file: mended(lines.with(seals[seal] as number, { ...line, note })),
      kinds: ['forged-seal'],
      at: { seal: seal + 1 },
    };
  },
  "an entry's head changed, with the checks mended"(_, lines, draw) {
    const entries = lines.flatMap((line, i) => (line.kind === 'entry' ? [i] : []));
    const i = pick(draw, entries);
    const entry = lines[i] as BundleLine & { kind: 'entry' };
    const changed = { ...entry, head: sha256OfText(String(draw(2 ** 30))) };
    return { file: mended(lines.with(i, changed)), kinds: ['fork', 'altered'], at: { chain: entry.chain } };
  },
  'bytes appended (A03)'(file, _, draw) {
    const more = pick(draw, ['\n', ' ', '{}\n', 'x', file[1] as string, '\u001f\u008b']);
    return { file: [...file, more], kinds: ['extra-bytes'], at: { line: file.length + 1 } };
  },
  'a line of any kind deleted, doubled or swapped with another, with the checks mended'(_, lines, draw) {
    const i = draw(lines.length - 1);
    const j = (i + 1 + draw(lines.length - 2)) % (lines.length - 1);
    const [one, other] = [lines[i] as BundleLine, lines[j] as BundleLine];
    const changed = [lines.toSpliced(i, 1), lines.toSpliced(i, 0, other), lines.with(i, other).with(j, one)];
    const kinds = [
      'missing',
      'inserted',
      'reordered',
      'altered',
      'fork',
      'missing-seal',
      'tail-cut',
      'chain-dropped',
    ] as const;
    return { file: mended(pick(draw, changed)), kinds, at: {} };
  },
  'a part left out of a mended bundle'(_, lines, draw) {
    const part: BundlePart = pick(draw, bundleParts.slice(1));
    const kept = lines.filter((line) => line.kind === 'manifest' || partOf(line) !== part);
    return { file: mended(kept), kinds: ['missing', 'chain-dropped'], at: {} };
  },
};
