import { describe, expect, it } from 'vitest';
import { run } from '../../bin/emulator/run.ts';

const options = { cwd: '.', env: process.env, limitSeconds: 60 };
const node = (script: string, more = {}) =>
  run('Building it', process.execPath, ['-e', script], { ...options, ...more });

describe('running a tool', () => {
  it('hands on each line that it prints, on either stream', async () => {
    const lines: string[] = [];
    await node('console.log("one"); console.error("two")', { onLine: (line: string) => lines.push(line) });
    expect(lines.toSorted()).toEqual(['one', 'two']);
  });

  it('fails with what it was, how it ended, and only the last lines it printed', async () => {
    const failure = node('for (let i = 1; i <= 100; i++) console.log("line " + i + "."); process.exitCode = 3');
    await expect(failure).rejects.toThrow(
      /^Building it failed \(exit 3\)\. Its last lines:\nline 61\.\n(line \d+\.\n){38}line 100\.$/,
    );
  });

  it('shortens a line that nobody could read', async () => {
    const failure = node('console.log("x".repeat(5000)); process.exitCode = 1');
    await expect(failure).rejects.toThrow(/\nx{300}$/);
  });

  it('fails when the program is not there', async () => {
    await expect(run('Building it', '/nowhere/tool', [], options)).rejects.toThrow('Building it could not start');
  });

  it('ends a program that takes longer than its limit', async () => {
    await expect(node('setInterval(() => {}, 1000)', { limitSeconds: 0.2 })).rejects.toThrow('was ended (SIGKILL)');
  });
});
