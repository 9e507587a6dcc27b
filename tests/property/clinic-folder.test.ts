import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isScalar, parseDocument, visit } from 'yaml';
import { type FolderFault, loadClinic } from '../../bin/clinic-folder.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { runs } from '../example-clinic.ts';

let copy: ReturnType<typeof copyOfClinic>;
beforeEach(() => {
  copy = copyOfClinic();
});
afterEach(() => copy.remove());

const files = [
  'clinic.yaml',
  'programme.yaml',
  'rules.yaml',
  'escalation.yaml',
  'messages/en.yaml',
  'measures/isi.yaml',
  'measures/phq-9.yaml',
];

/** What somebody may put where a value belongs. */
const values = [
  '7',
  '-1',
  '1.5',
  '"7"',
  'true',
  'null',
  '~',
  '[]',
  '{}',
  '[1, a]',
  '{ a: 1 }',
  '*a',
  '&a b',
  '!b c',
  '"',
  '',
  '__proto__',
  '.nan',
  '1e400',
];
const keys = ['name', 'id', 'nmae', '__proto__', 'constructor', 'toString', '7', '"', '<<', '?', 'a b'];

interface Mutation {
  readonly kind: 'delete' | 'rename' | 'value' | 'duplicate' | 'cut';
  readonly at: number;
  readonly value: string;
  readonly key: string;
}

/** The text after one change to its n-th setting, counted round. */
function mutated(text: string, { kind, at, value, key }: Mutation): string {
  const pairs: { key: [number, number]; end: number }[] = [];
  visit(parseDocument(text), {
    Pair(_, pair) {
      if (!isScalar(pair.key) || !pair.key.range) return;
      const end = (pair.value as { range?: [number, number, number] } | null)?.range?.[1] ?? pair.key.range[1] + 1;
      pairs.push({ key: [pair.key.range[0], pair.key.range[1]], end });
    },
  });
  const pair = pairs[at % pairs.length];
  if (pair === undefined) throw new Error('the file has no setting');
  const [start, keyEnd] = pair.key;
  const whole = text.slice(start, pair.end);
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start) - 1);
  const texts: Record<Mutation['kind'], string> = {
    delete: text.slice(0, start) + text.slice(pair.end),
    rename: text.slice(0, start) + key + text.slice(keyEnd),
    value: `${text.slice(0, keyEnd)}: ${value}${text.slice(pair.end)}`,
    duplicate: `${text.slice(0, pair.end)}\n${indent}${whole}${text.slice(pair.end)}`,
    cut: text.slice(0, start + Math.floor(whole.length / 2)),
  };
  return texts[kind];
}

const mutation = fc.record({
  kind: fc.constantFrom('delete', 'rename', 'value', 'duplicate', 'cut'),
  at: fc.nat(200),
  value: fc.constantFrom(...values),
  key: fc.constantFrom(...keys),
});

/** The folder with one file changed, then mended. */
function load(file: string, change: (text: string) => string): ReturnType<typeof loadClinic> {
  const sound = copy.read(file);
  copy.write(file, change(sound));
  try {
    return loadClinic(copy.folder);
  } finally {
    copy.write(file, sound);
  }
}

/** A clinic, or at least one fault; each with a place and with words of ours. */
function expectSense(loaded: ReturnType<typeof loadClinic>): void {
  const faults: readonly FolderFault[] | null = 'faults' in loaded ? loaded.faults : null;
  expect(faults).not.toEqual([]);
  for (const { line, column, message } of faults ?? []) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).toMatch(/\S/);
    expect(message).not.toMatch(/\n|undefined|\[object|Invalid input|expected .* received/);
  }
}

it('any single change to a sound folder gives a clinic, or faults with a line and words: it never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), mutation, (file, change) => {
      expectSense(load(file, (text) => mutated(text, change)));
    }),
    { seed: 4, numRuns: runs(150) },
  );
});

it('a setting written twice is always a fault', () => {
  fc.assert(
    fc.property(fc.constantFrom('clinic.yaml', 'messages/en.yaml'), fc.nat(200), (file, at) => {
      const loaded = load(file, (text) => mutated(text, { kind: 'duplicate', at, value: '', key: '' }));
      expect('faults' in loaded && loaded.faults.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/is written twice/),
      );
    }),
    { seed: 5, numRuns: runs(40) },
  );
});

it('any text in the place of a file gives faults or a clinic', () => {
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.string({ unit: 'binary', maxLength: 200 }), (file, text) => {
      expectSense(load(file, () => text));
    }),
    { seed: 6, numRuns: runs(100) },
  );
});
