/** Runs a program to its end, line by line, and says what it printed when it fails. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Told one line at a time what is going on; the caller decides whether a person sees it. */
export type Progress = (line: string) => void;

const linesKept = 40;
/** A stack trace may quote a whole minified file in one line. */
const charactersKept = 300;

export interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** In seconds; the program is ended after it. */
  limitSeconds: number;
  onLine?: Progress;
}

/** @throws Error with `what`, how it ended and the last lines it printed. */
export function run(what: string, program: string, parameters: string[], options: RunOptions): Promise<void> {
  const lines: string[] = [];
  const child = spawn(program, parameters, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.limitSeconds * 1000,
    killSignal: 'SIGKILL',
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line.slice(0, charactersKept).trimEnd());
      lines.splice(0, lines.length - linesKept);
      options.onLine?.(line);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${what} could not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) {
        resolve();
        return;
      }
      const ending = signal ? `was ended (${signal}) after at most ${options.limitSeconds} s` : `failed (exit ${code})`;
      reject(new Error([`${what} ${ending}. Its last lines:`, ...lines].join('\n')));
    });
  });
}
