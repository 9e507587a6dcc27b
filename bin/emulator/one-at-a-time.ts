/** Lets one process do a piece of work while others wait, even when a process dies in the middle of it. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return codeOf(error) === 'EPERM';
  }
}

/** The lock appears together with the holder's pid in it, so that nobody sees it empty. */
function take(lockFile: string): boolean {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function holder(lockFile: string): number | undefined {
  try {
    return Number(readFileSync(lockFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Waits for its turn, then does the work. In the instant in which two processes both find a dead holder, both may work:
 * so the work must be one that is harmless when done twice (build aside, then rename).
 * @throws Error when the turn has not come within `limitSeconds`.
 */
export async function oneAtATime<T>(lockFile: string, work: () => Promise<T>, limitSeconds = 600): Promise<T> {
  mkdirSync(dirname(lockFile), { recursive: true });
  const deadline = performance.now() + limitSeconds * 1000;
  while (!take(lockFile)) {
    const pid = holder(lockFile);
    if (pid !== undefined && !isAlive(pid)) {
      rmSync(lockFile, { force: true });
    } else if (performance.now() > deadline) {
      throw new Error(`Another process holds ${lockFile} for too long: end it, or delete the file if there is none.`);
    } else {
      await pause(100);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}
