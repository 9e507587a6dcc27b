/** Starts the emulator on this machine, for as long as this process lives or until it is told to stop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childEnvironment, emulatorRegion } from './environment.ts';
import { emulatorPython } from './install.ts';

const launcher = fileURLToPath(new URL('emulator.py', import.meta.url));
const secondsToStart = 60;
const secondsToStop = 10;
const logLinesShown = 20;

export interface EmulatorOptions {
  /** 0, the default, is any free port. */
  port?: number;
  /** Whether functions may only do what their role allows. */
  auth?: boolean;
  /** Wait states take this part of their time: 0.01 makes 100 seconds one. Task time-outs are not shortened. */
  waitScale?: number;
  /** Where everything is kept from one start to the next; without it nothing is. */
  stateDir?: string;
  logFile: string;
}

export interface Emulator {
  endpoint: string;
  port: number;
  pid: number;
  logFile: string;
  /** Ends it and all functions it runs, and deletes what it unpacked. Harmless when it has ended already. */
  stop(): Promise<void>;
  /** Empties it: data, stacks and the bootstrap stack. */
  reset(): Promise<void>;
}

export interface Started {
  child: ChildProcess;
  endpoint: string;
  port: number;
  pid: number;
  temporaryFolder: string;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function settings(port: number, temporaryFolder: string, options: EmulatorOptions): Record<string, string> {
  return {
    TMPDIR: temporaryFolder,
    GATEWAY_PORT: String(port),
    // Reachable from this machine only: the emulator has no password, and runs whatever code it is given.
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    // Two more doors that it would open on all interfaces.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    MINISTACK_REGION: emulatorRegion,
    ...(options.auth ? { AUTH: 'true' } : {}),
    ...(options.waitScale === undefined ? {} : { SFN_WAIT_SCALE: String(options.waitScale) }),
    ...(options.stateDir === undefined
      ? {}
      : {
          PERSIST_STATE: '1',
          STATE_DIR: options.stateDir,
          S3_PERSIST: '1',
          S3_DATA_DIR: join(options.stateDir, 's3'),
        }),
  };
}

export function logTail(logFile: string): string {
  if (!existsSync(logFile)) return '(no log)';
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-logLinesShown).join('\n');
}

export async function isReady(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Ends a process and its children. It gets `secondsToStop` to save its state; then it is killed. */
export async function endProcess(pid: number, temporaryFolder: string): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = performance.now() + secondsToStop * 1000;
  while (signal(pid, 0) && performance.now() < deadline) await pause(50);
  // Its functions are in its group, and some outlive it.
  signal(-pid, 'SIGKILL');
  rmSync(temporaryFolder, { recursive: true, force: true });
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/**
 * Starts the emulator and waits until it answers.
 * @param tied whether it ends when this process does, however that happens
 * @throws Error with the end of its log where it ends or does not answer within a minute
 */
export async function launch(options: EmulatorOptions, tied: boolean): Promise<Started> {
  const port = options.port || (await freePort());
  const endpoint = `http://127.0.0.1:${port}`;
  if (await isReady(endpoint)) {
    throw new Error(`An emulator already answers on port ${port}: stop it, or choose another port.`);
  }
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'tandem-emulator-'));
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'w');
  const child = spawn(emulatorPython, [launcher, ...(tied ? ['--until-stdin-closes'] : [])], {
    env: childEnvironment(settings(port, temporaryFolder, options)),
    stdio: [tied ? 'pipe' : 'ignore', log, log],
    // A group of its own, so that Ctrl-C reaches it through its parent only, and its functions end with it.
    detached: true,
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, by) => {
    ended = `exit ${code ?? by}`;
  });
  const deadline = performance.now() + secondsToStart * 1000;
  while (!(await isReady(endpoint))) {
    const late = performance.now() > deadline;
    if (ended !== undefined || late) {
      if (child.pid !== undefined) await endProcess(child.pid, temporaryFolder);
      rmSync(temporaryFolder, { recursive: true, force: true });
      const why = ended === undefined ? `did not answer within ${secondsToStart} s` : `ended (${ended})`;
      throw new Error(`The emulator ${why}. The end of ${options.logFile}:\n${logTail(options.logFile)}`);
    }
    await pause(100);
  }
  if (child.pid === undefined || ended !== undefined) {
    throw new Error(`Another program answered on port ${port}: choose another port.`);
  }
  child.unref();
  return { child, endpoint, port, pid: child.pid, temporaryFolder };
}

/** Starts an emulator that ends with this process. Install it first (install.ts). */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const started = await launch(options, true);
  return {
    endpoint: started.endpoint,
    port: started.port,
    pid: started.pid,
    logFile: options.logFile,
    stop: () => endProcess(started.pid, started.temporaryFolder),
    async reset() {
      const answer = await fetch(`${started.endpoint}/_ministack/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`The emulator refused to be emptied (HTTP ${answer.status}).`);
    },
  };
}
