/** Puts the emulator into the project's own folder, once, from files with known hashes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment, projectRoot } from './environment.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type Progress, run } from './run.ts';

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const home = join(projectRoot, '.emulator');

/** Changed requirements mean another folder, so an emulator that still runs keeps the files it started with. */
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);

/** The Python that has the emulator, once it is installed. */
export const emulatorPython = join(home, version, 'bin', 'python');

/** Newest first; the versions for which requirements.txt has files. */
const candidates = ['python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3', 'python'];
const suits = 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 14))';

/** @throws Error, one line that says what to install, where there is no Python that can hold the emulator. */
export function findPython(environment: NodeJS.ProcessEnv = childEnvironment()): string {
  const found = candidates.find((name) => spawnSync(name, ['-c', suits], { env: environment }).status === 0);
  if (found === undefined) {
    throw new Error(
      'The local emulator needs Python 3.10 to 3.14 with venv: install it (Debian, Ubuntu: apt-get install python3-venv; macOS: brew install python@3.13) and run this again.',
    );
  }
  return found;
}

/**
 * Takes about 20 s the first time, and the network; nothing afterwards. Safe when several processes call it at once.
 * @throws Error where Python is missing or a package cannot be had or has another hash.
 */
export async function ensureInstalled({ progress = () => {} }: { progress?: Progress } = {}): Promise<void> {
  if (existsSync(emulatorPython)) return;
  await oneAtATime(join(home, 'install.lock'), async () => {
    if (existsSync(emulatorPython)) return;
    const python = findPython();
    progress(`installing the local emulator with ${python} (once, about 20 s)`);
    const aside = join(home, `${version}.partial`);
    rmSync(aside, { recursive: true, force: true });
    const options = { cwd: projectRoot, env: childEnvironment(), limitSeconds: 600 };
    await run('Creating the emulator’s Python environment', python, ['-m', 'venv', aside], options);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-compile'];
    // Only built packages: a source package would fetch tools to build it, and those have no hash here.
    const trusted = ['--only-binary', ':all:', '--require-hashes', '--requirement', requirements];
    await run('Installing the emulator', join(aside, 'bin', 'python'), [...pip, ...trusted], options);
    renameSync(aside, join(home, version));
  });
}
