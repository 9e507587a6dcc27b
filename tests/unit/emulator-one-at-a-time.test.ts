import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, oneAtATime } from '../../bin/emulator/one-at-a-time.ts';

describe('one at a time', () => {
  let folder: string;
  let lockFile: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-lock-'));
    lockFile = join(folder, 'deeper', 'work.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('never lets two work at the same time, and lets each have its turn', async () => {
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} begins`);
      await new Promise(setImmediate);
      seen.push(`${name} ends`);
    };
    await Promise.all([oneAtATime(lockFile, work('a')), oneAtATime(lockFile, work('b'))]);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('is held by this process while it works, and free afterwards', async () => {
    const holder = await oneAtATime(lockFile, async () => readFileSync(lockFile, 'utf8'));
    expect(holder).toBe(String(process.pid));
    expect(existsSync(lockFile)).toBe(false);
  });

  it('is free again when the work fails', async () => {
    const failing = oneAtATime(lockFile, async () => {
      throw new Error('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(existsSync(lockFile)).toBe(false);
  });

  it('takes over from a process that died at its work', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    expect(isAlive(dead)).toBe(false);
    await oneAtATime(lockFile, async () => {});
    writeFileSync(lockFile, String(dead));
    await expect(oneAtATime(lockFile, async () => 'done')).resolves.toBe('done');
  });

  it('gives up, naming the file, when a living process keeps the lock', async () => {
    await oneAtATime(lockFile, async () => {
      await expect(oneAtATime(lockFile, async () => 'never', 0)).rejects.toThrow(lockFile);
    });
  });
});
