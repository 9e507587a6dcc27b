/** The emulator of `tandem local up`: it outlives the command, and is found again by a file in .tandem/. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { workFolder } from './environment.ts';
import { isAlive } from './one-at-a-time.ts';
import { type EmulatorOptions, endProcess, isReady, launch } from './start.ts';

const noteFile = join(workFolder, 'emulator.json');
const noteSchema = z.object({
  pid: z.int().positive(),
  port: z.int(),
  endpoint: z.string(),
  logFile: z.string(),
  temporaryFolder: z.string(),
});

export type DetachedEmulator = z.infer<typeof noteSchema>;

/** A pid is given to another program sooner or later: only one whose command is the emulator's is ended. */
function isEmulator(pid: number): boolean {
  if (!isAlive(pid)) return false;
  return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes('emulator.py');
}

/** The emulator that `startDetached` left running, if it still does. */
export function detachedEmulator(): DetachedEmulator | undefined {
  if (!existsSync(noteFile)) return undefined;
  const note = noteSchema.safeParse(JSON.parse(readFileSync(noteFile, 'utf8')));
  return note.success && isEmulator(note.data.pid) ? note.data : undefined;
}

/** Starts the emulator, or answers with the one that runs already. Its port is 4566 where none is given. */
export async function startDetached(options: EmulatorOptions): Promise<DetachedEmulator> {
  const running = detachedEmulator();
  if (running !== undefined && (await isReady(running.endpoint))) return running;
  await stopDetached();
  const { pid, port, endpoint, temporaryFolder } = await launch({ port: 4566, ...options }, false);
  const note: DetachedEmulator = { pid, port, endpoint, logFile: options.logFile, temporaryFolder };
  writeFileSync(noteFile, `${JSON.stringify(note, null, 2)}\n`);
  return note;
}

/** Whether there was one to stop. */
export async function stopDetached(): Promise<boolean> {
  const running = detachedEmulator();
  if (running !== undefined) await endProcess(running.pid, running.temporaryFolder);
  rmSync(noteFile, { force: true });
  return running !== undefined;
}
