import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { eventsCommand, verdicts } from '../../bin/commands/events.ts';
import { longestLine } from '../../bin/json-lines.ts';
import type { KnownNames } from '../../functions/domain/event-clinic.ts';

const now = '2026-03-02T12:00:00.000Z';
const clinic = {
  programme: { id: 'depression', modules: [{ id: 'm1' }] },
  measures: [{ id: 'phq-9' }],
} as unknown as KnownNames;

function event(id: string, more: object = {}) {
  return {
    id,
    type: 'ModuleCompleted',
    occurredAt: '2026-03-02T09:00:00Z',
    patient: 'vendor-123',
    data: { module: 'm1' },
    ...more,
  };
}

function line(id: string, more: object = {}): string {
  return JSON.stringify(event(id, more));
}

/** The text in pieces of a few bytes, as a slow pipe would hand it over. */
async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function judge(text: string | Uint8Array, known: KnownNames | null = clinic, size?: number) {
  const found: { line: number; faults: string[] }[] = [];
  for await (const verdict of verdicts(pieces(text, size), known, now))
    found.push({ line: verdict.line, faults: verdict.faults.map(({ path, message }) => `${path}: ${message}`) });
  return found;
}

describe('which lines would be taken', () => {
  it('every line has its verdict, by its number in the file', async () => {
    expect(await judge(`${line('e1')}\n${line('e2', { id: 3 })}\n${line('e3')}\n`)).toEqual([
      { line: 1, faults: [] },
      { line: 2, faults: ['id: write a text in quotes'] },
      { line: 3, faults: [] },
    ]);
  });

  it('empty lines are passed over but counted; the last line needs no end', async () => {
    expect(await judge(`\n  \n${line('e1')}\n\r\n${line('e2')}`)).toEqual([
      { line: 3, faults: [] },
      { line: 5, faults: [] },
    ]);
    expect(await judge('')).toEqual([]);
  });

  it('a byte order mark and CRLF are no fault', async () => {
    expect(await judge(`\ufeff${line('e1')}\r\n${line('e2')}\r\n`)).toEqual([
      { line: 1, faults: [] },
      { line: 2, faults: [] },
    ]);
  });

  it('a line that is no JSON does not stop the others, and is not repeated', async () => {
    const found = await judge(`{"id":"Pat Doe"\n${line('e1')}\n[${line('e2')}]\n`);
    expect(found).toEqual([
      { line: 1, faults: [': is not JSON: write one event on the line, as an object in braces'] },
      { line: 2, faults: [] },
      { line: 3, faults: [': is not an event: write an object in braces'] },
    ]);
  });

  it('what is not UTF-8 is refused, not guessed at', async () => {
    const latin = Buffer.from(line('Zürich'), 'latin1');
    expect(await judge(latin)).toEqual([{ line: 1, faults: [': is not UTF-8 text: save the file as UTF-8'] }]);
    expect(await judge(line('Zürich ✓ 💚'), clinic, 1)).toEqual([{ line: 1, faults: [] }]);
  });

  it('a line beyond all size is refused and the next one is read', async () => {
    const huge = 'x'.repeat(longestLine + 1);
    expect(await judge(`${huge}\n${line('e1')}\n`, clinic, 65_536)).toEqual([
      { line: 1, faults: [`: is longer than ${longestLine} bytes: write one event a line, each on its own`] },
      { line: 2, faults: [] },
    ]);
    expect(await judge(`${' '.repeat(longestLine - line('e1').length)}${line('e1')}`, clinic, 65_536)).toEqual([
      { line: 1, faults: [] },
    ]);
  });

  it('the same id is a fault where the content differs, not where an event comes twice', async () => {
    const again = line('e1', { occurredAt: '2026-03-02T04:00:00-05:00' });
    const other = line('e1', { patient: 'vendor-456' });
    expect(await judge(`${line('e1')}\n${again}\n${other}\n`)).toEqual([
      { line: 1, faults: [] },
      { line: 2, faults: [] },
      { line: 3, faults: ['id: was used in line 1 with other content: write another id'] },
    ]);
  });

  it('what the clinic does not have is refused, where its folder is known', async () => {
    const text = line('e1', { data: { module: 'm9' } });
    expect(await judge(text)).toEqual([{ line: 1, faults: ['data.module: is not a module of this clinic: write m1'] }]);
    expect(await judge(text, null)).toEqual([{ line: 1, faults: [] }]);
  });
});

async function run(...args: string[]) {
  const printed = { out: '', err: '' };
  const keepIn = (stream: 'out' | 'err') => (text: unknown) => {
    printed[stream] += String(text);
    return true;
  };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(keepIn('out'));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(keepIn('err'));
  try {
    await eventsCommand().parseAsync(['validate', ...args], { from: 'user' });
    return { ...printed, exitCode: process.exitCode };
  } finally {
    process.exitCode = undefined;
    out.mockRestore();
    err.mockRestore();
  }
}

describe('tandem events validate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, ...lines: string[]): string {
    const path = join(folder, name);
    writeFileSync(path, lines.map((one) => `${one}\n`).join(''));
    return path;
  }

  it('ends with 0 where every line would be taken', async () => {
    expect(await run(file('good.ndjson', line('e1'), line('e2')))).toEqual({
      out: '2 would be taken, 0 refused.\n',
      err: '',
      exitCode: 0,
    });
  });

  it('ends with 1 where any is refused, and says which, where and what to write', async () => {
    const path = file('bad.ndjson', line('e1'), line('e2', { occurredAt: 'today', colour: 1 }), 'Pat Doe');
    expect(await run(path)).toEqual({
      out: [
        'line 2, occurredAt: write a date-time with its offset, such as 2026-03-02T09:00:00Z',
        'line 2, colour: is not a known field: leave it out',
        'line 3: is not JSON: write one event on the line, as an object in braces',
        '1 would be taken, 2 refused.\n',
      ].join('\n'),
      err: `${path}: 2 refused: mend and validate again\n`,
      exitCode: 1,
    });
  });

  it('--json gives one object a line, the counts last', async () => {
    const { out, exitCode } = await run(file('mixed.ndjson', line('e1'), line('e2', { colour: 1 })), '--json');
    expect(exitCode).toBe(1);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((one) => JSON.parse(one) as unknown),
    ).toEqual([
      { line: 2, path: 'colour', message: 'is not a known field: leave it out' },
      { taken: 1, refused: 1 },
    ]);
  });

  it('ends with 2 where the file cannot be read', async () => {
    for (const [path, code] of [
      [join(folder, 'none.ndjson'), 'ENOENT'],
      [folder, 'EISDIR'],
    ] as const)
      expect(await run(path)).toEqual({
        out: '',
        err: `${path}: cannot be read (${code}): name a file that you may read, or - for standard input\n`,
        exitCode: 2,
      });
  });

  it("checks against the clinic's own folder, and ends with 2 where that cannot be read", async () => {
    const path = file('module.ndjson', line('e1', { data: { module: 'no-such-module' } }));
    expect(await run(path)).toMatchObject({
      out: expect.stringContaining('line 1, data.module: is not a module'),
      exitCode: 1,
    });
    expect(await run(path, '--clinic', join(folder, 'nowhere'))).toMatchObject({
      err: expect.stringMatching(/nowhere: has faults: see npx tandem check/),
      exitCode: 2,
    });
  });

  it('reads standard input; without a clinic folder at hand, as at the vendor, says what it does not check', () => {
    const command = JSON.stringify(new URL('../../bin/commands/events.ts', import.meta.url).href);
    const call = `(await import(${command})).eventsCommand().parseAsync(['validate', '-'], { from: 'user' })`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', call], {
      input: `${line('e1', { data: { module: 'no-such-module' } })}\n`,
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout).toBe('1 would be taken, 0 refused.\n');
    expect(stderr).toBe('There is no folder clinic here: programme, modules and measures are not checked.\n');
    expect(status).toBe(0);
  });
});
