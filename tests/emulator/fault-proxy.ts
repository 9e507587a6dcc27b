/** A proxy between the functions and the emulator that makes chosen calls go wrong: microburst (MIT), a tool for tests only. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { workFolder } from '../../bin/emulator/emulator.ts';
import { childEnvironment, projectRoot } from '../../bin/emulator/environment.ts';
import { findPython } from '../../bin/emulator/install.ts';
import { oneAtATime } from '../../bin/emulator/one-at-a-time.ts';
import { run } from '../../bin/emulator/run.ts';
import { until } from './poll.ts';

const requirements = fileURLToPath(new URL('fault-proxy-requirements.txt', import.meta.url));
const home = join(projectRoot, '.emulator');
const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
const folder = join(home, `faults-${version}`);
const program = join(folder, 'bin', 'python');

/** One call that goes wrong; what each field means is microburst's README. */
export interface FaultRule {
  readonly name?: string;
  readonly service: 'dynamodb' | 'kms' | 's3' | 'sns' | 'states';
  readonly operation: string;
  /** How many such calls; left out: all of them. */
  readonly times?: number;
  readonly error?: { readonly code: string; readonly status?: number; readonly fields?: object };
  readonly reset?: true;
  /** `abort_bytes: 0`: what was asked is done, and the answer is lost. */
  readonly response?: { readonly abort_bytes: number };
}

export interface Fired {
  readonly service: string;
  readonly operation: string;
}

/** @throws Error where a package cannot be had or has another hash. Takes the network the first time, nothing afterwards. */
export async function ensureFaultProxy(): Promise<void> {
  if (existsSync(program)) return;
  await oneAtATime(join(home, 'faults.lock'), async () => {
    if (existsSync(program)) return;
    const aside = `${folder}.partial`;
    rmSync(aside, { recursive: true, force: true });
    const options = { cwd: projectRoot, env: childEnvironment(), limitSeconds: 600 };
    await run('Creating the fault proxy’s Python environment', findPython(), ['-m', 'venv', aside], options);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-compile'];
    const trusted = ['--only-binary', ':all:', '--require-hashes', '--requirement', requirements];
    await run('Installing the fault proxy', join(aside, 'bin', 'python'), [...pip, ...trusted], options);
    renameSync(aside, folder);
  });
}

/** Starts it in front of an emulator. @returns where it listens, and how it is stopped. */
export async function startFaultProxy(upstream: string): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(workFolder, 'logs', 'fault-proxy.log');
  mkdirSync(join(workFolder, 'logs'), { recursive: true });
  const log = openSync(logFile, 'w');
  const where = ['--host', '127.0.0.1', '--port', String(port), '--upstream', upstream, '--no-resign'];
  const child = spawn(program, ['-m', 'microburst', ...where], {
    env: childEnvironment(),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  await until('the fault proxy', async () => {
    if (ended) throw new Error(`the fault proxy ended: see ${logFile}`);
    return fetch(`${endpoint}/_microburst/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    endpoint,
    async stop() {
      child.kill('SIGTERM');
      for (let wait = 0; wait < 50 && child.exitCode === null && child.signalCode === null; wait += 1) await pause(100);
      child.kill('SIGKILL');
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** More than any test lets go wrong; the proxy itself names the last hundred. */
const mostShown = 5000;

/** What a test tells a running proxy. */
export function faultsAt(endpoint: string) {
  const control = `${endpoint}/_microburst`;
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${control}/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok)
      throw new Error(`the fault proxy refused ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    /** Does `act` while these rules hold. @returns its result, and which calls went wrong. */
    async during<T>(rules: readonly FaultRule[], act: () => Promise<T>): Promise<{ result: T; fired: Fired[] }> {
      await ask('DELETE', 'fired');
      await ask('POST', 'rules', rules);
      try {
        const result = await act();
        return { result, fired: (await (await ask('GET', `fired?limit=${mostShown}`)).json()) as Fired[] };
      } finally {
        await ask('POST', 'rules', []);
      }
    },
  };
}
