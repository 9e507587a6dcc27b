import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadClinic } from '../../bin/clinic-folder.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { damagedText } from '../damaged-text.ts';
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
];

/** The folder with this text in the place of a file. */
function loaded(file: string, text: string): ReturnType<typeof loadClinic> {
  const sound = copy.read(file);
  copy.write(file, text);
  try {
    return loadClinic(copy.folder);
  } finally {
    copy.write(file, sound);
  }
}

it('a file whose text was damaged anywhere gives a clinic, or a list of faults that a person can go through', () => {
  const pieces = [
    '\t',
    '\n',
    ':',
    ': ',
    '- ',
    '#',
    '|',
    '>',
    '&a',
    '*a',
    '!!js/function',
    '<<: *a',
    '\u0000',
    '\ufeff',
    '\u2028',
    '  ',
  ];
  const damaged = fc
    .constantFrom(...files)
    .chain((file) => fc.tuple(fc.constant(file), damagedText([copyOfShipped(file)], pieces)));
  let refused = 0;
  fc.assert(
    fc.property(damaged, ([file, text]) => {
      const result = loaded(file, text);
      if (!('faults' in result)) return;
      refused += 1;
      expect(result.faults.length).toBeGreaterThan(0);
      for (const { line, column, message } of result.faults) {
        expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
        expect(message).toMatch(/\S/);
        expect(message).not.toMatch(/\n|undefined|\[object/);
        expect(message.length).toBeLessThan(1_000);
      }
    }),
    { seed: 54, numRuns: runs(60) },
  );
  expect(refused).toBeGreaterThan(20);
});

function copyOfShipped(file: string): string {
  const shipped = copyOfClinic();
  try {
    return shipped.read(file);
  } finally {
    shipped.remove();
  }
}

it.each([
  ['lists within lists', '['.repeat(100_000)],
  ['mappings within mappings', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['braces within braces', '{a: '.repeat(60_000)],
  ['aliases that swell', `a: &a [x, x]\n${'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n'.repeat(50)}`],
  ['one line without an end', 'a'.repeat(250_000)],
  ['more than a file may hold', `# ${'x'.repeat(80)}\n`.repeat(5_000)],
  ['one setting twenty thousand times', 'a: 1\n'.repeat(20_000)],
  ['a text that is not text', '\u0000\u0001\u0002'.repeat(1_000)],
])('%s are refused with a line, in bounded time', (_, text) => {
  const result = loaded('clinic.yaml', text);
  expect('faults' in result && result.faults[0]).toMatchObject({
    line: expect.any(Number),
    message: expect.stringMatching(/\S/),
  });
});
