import { describe, expect, it } from 'vitest';
import {
  type BundleLine,
  type EntryLine,
  type RecordLine,
  type SealLine,
  writeLine,
} from '../../functions/domain/audit-bundle.ts';
import { type AuditReport, AuditVerification } from '../../functions/domain/audit-verify.ts';
import { readNote, readTrustedKeys, signedNote, verifierKey } from '../../functions/domain/checkpoint.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { period, SealedHistory, start, terms, testKey, verifySignature } from '../sealed-history.ts';
import { rewritten, valuesOf } from '../tampering.ts';

const key = testKey();

/** Three chains over three seals, the second of them over silence. */
async function small(signer = key.signer): Promise<SealedHistory> {
  const history = new SealedHistory(signer);
  for (const chain of ['p-a', 'p-b', 'p-a', 'p-c']) history.append(chain);
  await history.seal();
  await history.seal();
  for (const chain of ['p-a', 'p-b', 'p-b']) history.append(chain);
  await history.seal();
  return history;
}

interface Reader {
  readonly keys?: string;
  readonly witness?: string;
}

function read(lines: Buffer | readonly string[], { keys = key.pem, witness }: Reader = {}): AuditReport {
  const basis = { keys: readTrustedKeys(keys), verify: verifySignature, witness: witness ?? null };
  const verification = new AuditVerification(basis);
  const texts = Buffer.isBuffer(lines) ? lines.toString('latin1').split('\n').slice(0, -1) : lines;
  for (const text of texts) verification.line(text);
  return verification.end();
}

const faultsOf = (lines: readonly BundleLine[], reader?: Reader) =>
  read(rewritten(lines), reader).faults.map(({ kind, chain, sequence, seal }) => ({ kind, chain, sequence, seal }));
const inLog = (kind: string, seal: number | null) => ({ kind, chain: null, sequence: null, seal });
const inChain = (kind: string, chain: string, sequence: number, seal = 1) => ({ kind, chain, sequence, seal });
const isRecord = (chain: string, sequence: number) => (line: BundleLine) =>
  line.kind === 'record' && line.chain === chain && line.sequence === sequence;
const isEntry = (chain: string, firstSeq: number) => (line: BundleLine) =>
  line.kind === 'entry' && line.chain === chain && line.firstSeq === firstSeq;

const texts = await (await small()).lines();
const lines = valuesOf(texts);
const recordAt = (chain: string, sequence: number) => lines.findIndex(isRecord(chain, sequence));
const entryAt = (chain: string, firstSeq: number) => lines.findIndex(isEntry(chain, firstSeq));
const sealsAt = lines.flatMap((line, i) => (line.kind === 'seal' ? [i] : []));
const sealAt = (seal: number) => lines[sealsAt[seal - 1] as number] as SealLine;

/** The last seal's text changed by somebody who holds the key. */
async function resigned(
  change: (text: string) => string,
  more: readonly ReturnType<typeof testKey>[] = [],
): Promise<BundleLine[]> {
  const last = sealAt(3);
  const note = readNote(last.note);
  const text = change(note?.text ?? '');
  const signatures = await Promise.all(
    [key, ...more].map(async ({ signer, line }) => ({
      name: terms.origin,
      keyHash: line.split('+')[1] as string,
      signature: await signer.sign(text),
    })),
  );
  return lines.with(sealsAt[2] as number, { ...last, note: signedNote(text, signatures) });
}

describe('a sound bundle', () => {
  it('passes, and the report says what was not checked', () => {
    const report = read(texts);
    expect(report.faults).toEqual([]);
    expect(report.counts).toEqual({ lines: texts.length, records: 7, chains: 3, entries: 6, seals: 3 });
    expect(report.newest).toMatchObject({ seal: 3, end: instantAt(start + 3 * period), size: 6 });
    expect(report.notChecked).toEqual([
      expect.stringContaining('the content of 7 records: not decrypted (7 are not in the file)'),
      expect.stringContaining('append-only NOT checked'),
      expect.stringContaining('anything after seal 3'),
      expect.stringContaining('records that were never written'),
    ]);
  });

  it('of no line at all is none', () => {
    const report = read([]);
    expect(report.newest).toBeNull();
    expect(report.notChecked).toContain('anything after the beginning');
    expect(report.faults).toMatchObject([{ kind: 'tail-cut', line: 0 }]);
  });
});

describe('a checkpoint kept outside (A06)', () => {
  it('that is one of the seals shows that the log only grew since', () => {
    const report = read(texts, { witness: sealAt(2).note });
    expect(report.faults).toEqual([]);
    expect(report.checked).toContain('append-only: the checkpoint kept outside is one of these seals');
    expect(report.notChecked.join()).not.toContain('append-only');
  });

  it('unmasks a second history that is signed just as well', async () => {
    const other = new SealedHistory(key.signer);
    other.append('p-a');
    await other.seal();
    const witness = (await other.store.head())?.note ?? '';
    expect(read(await other.lines()).faults).toEqual([]);
    expect(faultsOf(lines, { witness })).toEqual([inLog('fork', 1)]);
  });

  it('newer than the file shows that the end was cut off', async () => {
    const history = await small();
    const early = await history.lines();
    await history.seal();
    const witness = (await history.store.head())?.note ?? '';
    expect(read(early, { witness }).faults).toMatchObject([{ kind: 'tail-cut', seal: 4 }]);
  });

  it('that cannot be read is refused before anything else', () => {
    expect(() => read(texts, { witness: 'nothing' })).toThrow('the checkpoint to compare with cannot be read');
    expect(() => read(texts, { witness: 'nothing\n\n' })).toThrow(RangeError);
  });
});

const naming = (line: string) => (text: string) => `${text}next-key ${line}\n`;

describe('the key', () => {
  it('that signs from a rotation on is the one that the old key named', async () => {
    const next = testKey('ecdsa-p256');
    const history = await small();
    history.signers = [key.signer, next.signer];
    await history.seal({ nextKey: verifierKey(terms.origin, next.signer.key) });
    history.signers = [next.signer];
    await history.seal();
    expect(read(await history.lines()).faults).toEqual([]);
    history.signers = [key.signer];
    await history.seal();
    expect(read(await history.lines()).faults).toMatchObject([{ kind: 'unknown-key', seal: 6 }]);
  });

  it('is not replaced by one that did not sign itself, or that is no key', async () => {
    const next = testKey();
    expect(faultsOf(await resigned(naming(next.line)))).toEqual([inLog('forged-seal', 3)]);
    expect(faultsOf(await resigned(naming('nothing')))).toEqual([inLog('forged-seal', 3)]);
    expect(faultsOf(await resigned(naming(next.line), [next]))).toEqual([]);
  });

  it('of a stranger gains nothing by adding its signature to a sound seal', async () => {
    const stranger = testKey();
    expect(faultsOf(await resigned((text) => text, [stranger]))).toEqual([]);
    const history = await small();
    history.signers = [stranger.signer];
    await history.seal();
    expect(read(await history.lines()).faults).toMatchObject([{ kind: 'unknown-key', seal: 4 }]);
  });
});

describe('a sealer that went wrong is found out, though its key is good', () => {
  it.each([
    [
      'a previous seal that is another',
      (text: string) => text.replace(/previous [0-9a-f]{4}/, 'previous 0000'),
      'fork',
    ],
    ['another log', (text: string) => text.replace('clinic.example', 'other.example'), 'fork'],
    [
      'a hole between two periods',
      (text: string) => text.replace(/period \S+/, 'period 2026-03-02T09:11:00.000Z'),
      'time-runs-back',
    ],
    [
      'a period that ends before it begins',
      (text: string) => text.replace(/(period \S+) \S+/, '$1 2026-03-02T09:10:00.000Z'),
      'time-runs-back',
    ],
    ['totals of chains that are not so', (text: string) => text.replace('chains 3', 'chains 4'), 'altered'],
    ['totals of records that are not so', (text: string) => text.replace('records 7', 'records 8'), 'altered'],
  ])('by %s', async (_, change, kind) => {
    expect(faultsOf(await resigned(change))).toEqual([inLog(kind, 3)]);
  });

  it('by an entry over records that an earlier one covers', async () => {
    const history = new SealedHistory(key.signer);
    history.append('p-a');
    await history.seal();
    const [record] = history.records.get('p-a') ?? [];
    history.store.discard = () => Promise.resolve();
    const forked = { chain: 'p-a', firstSeq: 1, lastSeq: 1, head: record?.head ?? '' };
    history.changed.changed = () => Promise.resolve([forked]);
    await history.seal();
    expect(read(await history.lines()).faults).toMatchObject([{ kind: 'fork', chain: 'p-a', sequence: 1, seal: 2 }]);
  });
});

async function timed(minutes: readonly number[]) {
  const history = new SealedHistory(key.signer);
  for (const minute of minutes) history.append('p-a', start + minute * 60_000);
  await history.seal();
  return read(await history.lines()).faults;
}

describe('time', () => {
  it('may seem to run back by as much as a slow writer explains', async () => {
    expect(await timed([4, 0, 3])).toEqual([]);
    expect(await timed([9])).toEqual([]);
  });

  it('that runs back further is a fault, from one record to the next and against the seal', async () => {
    expect(await timed([0, 5, -1, 6])).toMatchObject([{ kind: 'time-runs-back', chain: 'p-a', sequence: 3 }]);
    expect(await timed([0, 11])).toMatchObject([{ kind: 'time-runs-back', chain: 'p-a', sequence: 2, seal: 1 }]);
  });
});

describe('a bundle of a part of the log', () => {
  it('of some chains proves them, and everything else stands in it as hashes', async () => {
    const partial = await (await small()).lines({ chains: ['p-b'], from: null, to: null });
    const report = read(partial);
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ records: 3, chains: 1, entries: 2, seals: 2 });
    expect(report.notChecked[1]).toContain('everything outside the scope');
    expect(partial.slice(1).join('\n')).not.toMatch(/p-a|p-c/);
  });

  it('of some periods proves them from the head that stood before', async () => {
    const scope = { chains: 'all', from: instantAt(start + period), to: instantAt(start + 3 * period) } as const;
    const history = await small();
    await history.seal();
    const report = read(await history.lines(scope));
    expect(report.faults).toEqual([]);
    expect(report.counts).toMatchObject({ records: 3, chains: 2, entries: 3, seals: 3 });
  });

  it('lets no entry be held back from within its scope unseen, nor a whole bundle pass as one', async () => {
    const part = valuesOf(await (await small()).lines({ chains: ['p-b'], from: null, to: null }));
    const at = part.findIndex(isRecord('p-b', 2));
    expect(faultsOf(part.toSpliced(at, 1))).toEqual([inChain('missing', 'p-b', 2, 2)]);
    const header = part[0] as BundleLine & { kind: 'header' };
    const posing = part.with(0, { ...header, scope: { chains: 'all', from: null, to: null } });
    expect(faultsOf(posing)).toContainEqual(inLog('missing', 1));
    const misplaced = part.findIndex(({ kind }) => kind === 'withheld');
    const level = { ...part[misplaced], level: 9 } as BundleLine;
    expect(faultsOf(part.toSpliced(misplaced + 1, 0, level))).toContainEqual(inLog('altered', 1));
  });

  it('takes no seal in another place, though it may leave seals out', async () => {
    const part = valuesOf(await (await small()).lines({ chains: ['p-b'], from: null, to: null }));
    const last = part.findLastIndex(({ kind }) => kind === 'seal');
    expect(faultsOf(part.toSpliced(last + 1, 0, sealAt(2)))).toEqual([inLog('inserted', 2)]);
  });

  it('is not made before there is a seal, nor from objects that are gone or unreadable', async () => {
    const history = await small();
    await expect(new SealedHistory(key.signer).lines()).rejects.toThrow('nothing is sealed yet');
    const { published } = history.store;
    const entries = published.get('tile/entries/000.p/6') as Uint8Array;
    published.set('tile/entries/000.p/6', entries.subarray(0, 0));
    await expect(history.lines()).rejects.toThrow('fewer than the newest seal covers');
    published.delete('tile/entries/000.p/6');
    await expect(history.lines()).rejects.toThrow('tile/entries/000.p/6 is not published');
    published.set('seal/001', Buffer.from('nothing'));
    await expect(history.lines()).rejects.toThrow('a published seal cannot be read');
  });
});

describe('each divergence is named once, by what explains it best', () => {
  const record = lines[recordAt('p-a', 2)] as RecordLine;
  const entry = lines[entryAt('p-b', 2)] as EntryLine;

  it('an entry deleted, its records left', () => {
    expect(faultsOf(lines.toSpliced(entryAt('p-b', 2), 1))).toEqual([inChain('missing', 'p-b', 2, 3)]);
    expect(faultsOf(lines.toSpliced(entryAt('p-b', 1), 1))).toEqual([inChain('missing', 'p-b', 1)]);
  });

  it('an entry deleted with its records, while a later one stands', () => {
    const kept = lines.filter((line) => !isEntry('p-b', 1)(line) && !isRecord('p-b', 1)(line));
    expect(faultsOf(kept)).toEqual([inLog('chain-dropped', 1), inChain('missing', 'p-b', 1, 3)]);
  });

  it('an entry deleted with its records, of a chain that is known', () => {
    const kept = lines.filter((line) => !isEntry('p-a', 3)(line) && !isRecord('p-a', 3)(line));
    expect(faultsOf(kept)).toEqual([inLog('missing', 3), inChain('tail-cut', 'p-a', 3, 4)]);
  });

  it('an entry that cannot be read, its records behind it', () => {
    const at = entryAt('p-b', 2);
    const damaged = texts.with(at, (texts[at] as string).replace('entry', 'entrY'));
    expect(read(damaged).faults).toEqual([
      expect.objectContaining({ kind: 'altered', chain: 'p-b', sequence: 2, line: at + 1 }),
    ]);
  });

  it('an entry slipped in a second time', () => {
    const at = entryAt('p-c', 1) + 2;
    expect(faultsOf(lines.toSpliced(at, 0, lines[entryAt('p-c', 1)] as EntryLine))).toEqual([
      inChain('inserted', 'p-c', 1),
    ]);
  });

  it('an entry made up', () => {
    const madeUp: EntryLine = {
      kind: 'entry',
      chain: 'p-d',
      firstSeq: 1,
      lastSeq: 1,
      head: entry.head,
      previous: entry.head,
    };
    expect(faultsOf(lines.toSpliced(sealsAt[0] as number, 0, madeUp))).toContainEqual(inChain('altered', 'p-d', 1));
    const tick = lines.find(({ kind }) => kind === 'tick') as BundleLine;
    expect(faultsOf(lines.toSpliced(sealsAt[0] as number, 0, tick))).toEqual([inLog('inserted', 1)]);
  });

  it('an entry whose previous head is another', () => {
    const changed = { ...entry, previous: record.head };
    expect(faultsOf(lines.with(entryAt('p-b', 2), changed))).toEqual([inChain('altered', 'p-b', 2, 3)]);
  });

  it('an entry swapped with the first of its records', () => {
    const at = entryAt('p-b', 2);
    const swapped = lines.with(at, lines[at + 1] as BundleLine).with(at + 1, entry);
    expect(faultsOf(swapped)).toEqual([inChain('reordered', 'p-b', 2, 3)]);
  });

  it('two chains of one period swapped as wholes', () => {
    const [a, b, end] = [entryAt('p-a', 1), entryAt('p-b', 1), entryAt('p-c', 1)];
    const swapped = [...lines.slice(0, a), ...lines.slice(b, end), ...lines.slice(a, b), ...lines.slice(end)];
    expect(faultsOf(swapped)).toEqual([inChain('reordered', 'p-a', 1)]);
  });

  it('a tick replaced, which nothing but the root knows of', () => {
    const at = lines.findIndex(({ kind }) => kind === 'tick');
    const other: BundleLine = { kind: 'tick', period: { start: record.recordedAt, end: record.recordedAt } };
    expect(faultsOf(lines.with(at, other))).toEqual([inLog('altered', 2)]);
  });

  it("a seal's edge replaced", () => {
    const [at, changed] = [sealsAt[1] as number, { ...sealAt(2), edge: sealAt(1).edge }];
    expect(faultsOf(lines.with(at, changed))).toEqual([inLog('altered', 2)]);
    const sameSize = { ...sealAt(2), edge: sealAt(2).edge.map(() => record.head) };
    expect(faultsOf(lines.with(at, sameSize))).toEqual([inLog('altered', 2)]);
  });

  it('the last seal deleted', () => {
    expect(faultsOf(lines.toSpliced(sealsAt[2] as number, 1))).toEqual([inLog('missing-seal', 3)]);
  });

  it('a seal that is no checkpoint, or no note', () => {
    const at = sealsAt[1] as number;
    expect(faultsOf(lines.with(at, { ...sealAt(2), note: 'nothing' }))).toEqual([inLog('forged-seal', 2)]);
    expect(faultsOf(lines.with(at, { ...sealAt(2), note: 'nothing\n\n' }))).toEqual([inLog('forged-seal', 2)]);
  });

  it('a seal that cannot be read', () => {
    const at = sealsAt[1] as number;
    const damaged = texts.with(at, (texts[at] as string).replace('seal', 'seaL'));
    expect(read(damaged).faults).toEqual([
      expect.objectContaining({ kind: 'altered', chain: null, seal: 2, line: at + 1 }),
    ]);
  });

  it('a line that cannot be read among the ends of the chains', () => {
    const at = texts.length - 3;
    const damaged = texts.with(at, (texts[at] as string).replace('chainEnd', 'chainend'));
    expect(read(damaged).faults.map(({ kind, chain, line }) => ({ kind, chain, line }))).toEqual([
      { kind: 'altered', chain: null, line: at + 1 },
      { kind: 'missing', chain: 'p-b', line: texts.length },
    ]);
  });

  it("a chain's end out of order, missing, short, long or of another head", () => {
    const ends = lines.flatMap((line, i) => (line.kind === 'chain-end' ? [i] : []));
    const [a, b] = ends as [number, number];
    const end = lines[a] as BundleLine & { kind: 'chain-end' };
    expect(faultsOf(lines.with(a, lines[b] as BundleLine).with(b, end))).toEqual([inChain('reordered', 'p-a', 3, 4)]);
    expect(faultsOf(lines.toSpliced(a, 1))).toEqual([inChain('missing', 'p-a', 3, 4)]);
    expect(faultsOf(lines.with(a, { ...end, sequence: 9 }))).toEqual([inChain('tail-cut', 'p-a', 4, 4)]);
    expect(faultsOf(lines.with(a, { ...end, sequence: 1 }))).toEqual([inChain('altered', 'p-a', 1, 4)]);
    expect(faultsOf(lines.with(a, { ...end, head: record.head }))).toEqual([inChain('altered', 'p-a', 3, 4)]);
    expect(faultsOf(lines.toSpliced(a + 3, 0, { ...end, chain: 'p-z' }))).toEqual([
      inChain('chain-dropped', 'p-z', 1, 4),
    ]);
  });

  it('a record that was put into another place before its own', () => {
    const [from, to] = [recordAt('p-b', 3), recordAt('p-a', 1)];
    const moved = lines.toSpliced(from, 1).toSpliced(to, 0, lines[from] as BundleLine);
    expect(faultsOf(moved)).toEqual([inChain('reordered', 'p-b', 3)]);
  });

  it('a record that was put into another place behind its own', () => {
    const [from, to] = [recordAt('p-a', 1), recordAt('p-b', 3)];
    const moved = lines.toSpliced(to, 0, lines[from] as BundleLine).toSpliced(from, 1);
    expect(faultsOf(moved)).toEqual([inChain('reordered', 'p-a', 1)]);
  });

  it('a record of a chain that nobody knows', () => {
    const stranger = { ...record, chain: 'p-x', sequence: 5 };
    expect(faultsOf(lines.toSpliced(sealsAt[0] as number, 0, stranger))).toEqual([inChain('inserted', 'p-x', 5)]);
  });

  it('records beyond the last that the entry covers', () => {
    expect(faultsOf(lines.toSpliced(recordAt('p-a', 2) + 1, 0, { ...record, sequence: 3 }))).toEqual([
      inChain('inserted', 'p-a', 3),
    ]);
  });

  it('a damaged line in the place of a record, before one, or as a line too many', () => {
    const [first, last] = [recordAt('p-b', 2), recordAt('p-b', 3)];
    for (const [at, sequence] of [
      [first, 2],
      [last, 3],
    ] as const)
      expect(read(texts.with(at, 'x')).faults).toEqual([
        expect.objectContaining({ kind: 'altered', chain: 'p-b', sequence, line: at + 1 }),
      ]);
    expect(read(texts.toSpliced(first, 0, 'x')).faults).toEqual([
      expect.objectContaining({ kind: 'inserted', chain: 'p-b', sequence: 2, line: first + 1 }),
    ]);
    expect(read(texts.with(first, 'x').toSpliced(last, 1)).faults).toHaveLength(1);
  });

  it('a damaged line where the chain has a fault already', () => {
    const gone = lines.toSpliced(recordAt('p-b', 1), 1);
    const at = gone.findIndex(isRecord('p-b', 2));
    const damaged = rewritten(gone).toString('latin1').split('\n').toSpliced(at, 0, 'x').slice(0, -1);
    expect(read(damaged).faults).toEqual([expect.objectContaining({ kind: 'missing', chain: 'p-b', sequence: 1 })]);
  });

  it('a second header, a missing one, a second manifest', () => {
    expect(faultsOf([lines[0] as BundleLine, ...lines])).toEqual([inLog('inserted', 1)]);
    expect(faultsOf(lines.slice(1))).toEqual([inLog('missing', null)]);
    expect(read([...texts, texts.at(-1) as string]).faults).toMatchObject([
      { kind: 'extra-bytes', line: texts.length + 1 },
    ]);
  });

  it('a line that stands in another part', () => {
    const at = sealsAt[2] as number;
    const swapped = lines.with(at, lines[at + 1] as BundleLine).with(at + 1, lines[at] as BundleLine);
    expect(faultsOf(swapped)).toEqual([inLog('reordered', null)]);
  });

  it('a manifest that counts other parts', () => {
    const other = valuesOf([texts.at(-1) as string])[0] as BundleLine & { kind: 'manifest' };
    const [header, ...parts] = other.parts;
    const counted = { ...other, parts: [{ ...header, lines: 2 }, ...parts] } as BundleLine;
    expect(read([...texts.slice(0, -1), writeLine(counted)]).faults).toMatchObject([
      { kind: 'altered', chain: null, seal: null, line: texts.length },
    ]);
  });
});
