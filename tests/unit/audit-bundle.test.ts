import { describe, expect, it } from 'vitest';
import {
  type BundleLine,
  checkHolds,
  everything,
  isWhole,
  lineHash,
  readLine,
  writeLine,
} from '../../functions/domain/audit-bundle.ts';
import {
  canonicalText,
  runningSha256,
  sha256Hex,
  sha256OfHex,
  sha256OfText,
} from '../../functions/domain/canonical.ts';

const hash = 'ab'.repeat(32);
const at = '2026-03-02T09:00:00.000Z';
const lines: { [kind: string]: BundleLine } = {
  header: {
    kind: 'header',
    origin: 'clinic.example/audit',
    exportedAt: at,
    scope: { chains: ['p-a'], from: at, to: null },
    keys: [{ key: 'name+00000000+AQ==', fromSeal: 1, toSeal: null }],
    readme: ['What this is: "evidence".'],
  },
  record: {
    kind: 'record',
    chain: 'p-a',
    sequence: 1,
    recordedAt: at,
    recordHash: hash,
    head: hash,
    quoted: JSON.stringify('{"a":"\\\\\\""}'),
  },
  'record without content': {
    kind: 'record',
    chain: 'p-a',
    sequence: 1,
    recordedAt: at,
    recordHash: hash,
    head: hash,
    quoted: null,
  },
  entry: { kind: 'entry', chain: 'p-a', firstSeq: 1, lastSeq: 2, head: hash, previous: hash },
  tick: { kind: 'tick', period: { start: at, end: at } },
  withheld: { kind: 'withheld', level: 12, hash },
  seal: { kind: 'seal', note: 'text\n\n\u2014 \u{1f600} name\u007f\n', edge: [hash] },
  'chain end': { kind: 'chain-end', chain: 'p-a', sequence: 2, head: hash },
  manifest: { kind: 'manifest', parts: [{ part: 'header', lines: 1, bytes: 2, sha256: hash }] },
};

describe('a line of a bundle', () => {
  it.each(Object.entries(lines))('that is a %s is read back as it was written', (_, line) => {
    const text = writeLine(line);
    expect(readLine(text)).toEqual(line);
    expect(checkHolds(text, lineHash(text))).toBe(true);
    expect(text).toMatch(/^[ -~]*$/);
  });

  it('has the bytes that docs/audit.md shows', () => {
    expect(writeLine(lines['record'] as BundleLine)).toBe(
      `{"chain":"p-a","sequence":1,"recordedAt":"${at}","recordHash":"${hash}","head":"${hash}",` +
        '"content":"{\\"a\\":\\"\\\\\\\\\\\\\\"\\"}","check":"6abfc6eb6e9cef87"}',
    );
    expect(writeLine(lines['tick'] as BundleLine)).toContain(
      `{"entry":{"tick":{"end":"${at}","start":"${at}"}},"check":`,
    );
    expect(writeLine(lines['seal'] as BundleLine)).toContain('\\u2014 \\ud83d\\ude00 name\\u007f');
  });

  it.each([
    ['blanks', (text: string) => text.replace(',"', ', "')],
    ['another order', (text: string) => text.replace(/("chain":"p-a"),("sequence":1)/, '$2,$1')],
    ['a number written in another way', (text: string) => text.replace('"sequence":1', '"sequence":1.0')],
    ['a number with a zero before it', (text: string) => text.replace('"sequence":1', '"sequence":01')],
    ['one member more', (text: string) => text.replace('"check"', '"more":1,"check"')],
    ['a member twice', (text: string) => text.replace('"chain":"p-a"', '"chain":"p-a","chain":"p-a"')],
    ['capital hex digits', (text: string) => text.replace(hash, hash.toUpperCase())],
    ['an escape that is not needed', (text: string) => text.replace('"{\\"a', '"{\\u0022a')],
    ['a byte that is not ASCII', (text: string) => text.replace('"p-a"', '"p-\u00e9"')],
  ])('with %s is none: two readers could read two things', (_, change) => {
    const text = writeLine(lines['record'] as BundleLine);
    expect(change(text)).not.toBe(text);
    expect(readLine(change(text))).toBeNull();
  });

  it.each([
    ['seal', '"edge"', '"more":1,"edge"'],
    ['seal', hash, 'ab'],
    ['manifest', '"lines":1', '"lines":1.0'],
    ['manifest', '"header"', '"another"'],
    ['header', '"from"', '"since"'],
  ])('that is a %s with another %s is none', (kind, from, to) => {
    expect(readLine(writeLine(lines[kind] as BundleLine).replace(from, to))).toBeNull();
  });

  it.each(['', '{', 'null', '[]', '{}', '{"check":"0000000000000000"}'])('is not %s', (text) => {
    expect(readLine(text)).toBeNull();
  });

  it('whose check is another has been damaged', () => {
    const text = writeLine(lines['tick'] as BundleLine).replace('09:00', '09:01');
    expect(checkHolds(text, lineHash(text))).toBe(false);
  });
});

describe('the scope', () => {
  it('is whole only where nothing is left out', () => {
    expect(isWhole(everything)).toBe(true);
    expect(isWhole({ ...everything, chains: [] })).toBe(false);
    expect(isWhole({ ...everything, from: at })).toBe(false);
    expect(isWhole({ ...everything, to: at })).toBe(false);
  });
});

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 code unit, so that U+1F600 comes before U+FB33 (A13)', () => {
    const golden = '{"\u{1f600}":1,"\ufb33":2}';
    expect(canonicalText({ '\ufb33': 2, '\u{1f600}': 1 })).toBe(golden);
    // The hash was computed with another language.
    expect(sha256OfText(golden)).toBe('2aa3f5086e32bb90ce39c508a6f40fd72e792684f130d0f3b896ea191368f1e3');
  });
});

describe('hashing in one go', () => {
  it('gives what hashing in parts gives', () => {
    expect(sha256OfText('a\u00e9')).toBe(sha256Hex('a', '\u00e9'));
    expect(sha256OfHex('6162')).toBe(sha256Hex('ab'));
    const running = runningSha256();
    running.add('a');
    expect(running.hex()).toBe(sha256Hex('a'));
    running.add('b');
    expect(running.hex()).toBe(sha256Hex('ab'));
  });
});
