import { statSync } from 'node:fs';
import { Command } from 'commander';
import { canonicalText, sha256Hex } from '../../functions/domain/canonical.ts';
import { type Fault, readEvent } from '../../functions/domain/event.ts';
import { checkAgainstClinic, type KnownNames } from '../../functions/domain/event-clinic.ts';
import { type Instant, instantAt } from '../../functions/domain/instant.ts';
import { loadClinic } from '../clinic-folder.ts';
import { bytesOf, jsonLines } from '../json-lines.ts';
import { redriveCommand } from './redrive.ts';
import { resendCommand, setAsideCommand } from './set-aside.ts';

/** `tandem events`: what has to do with events before they are sent, and with those that were not taken. */
export function eventsCommand(): Command {
  return new Command('events')
    .description('events in files, before they are sent, and those that a deployment could not take')
    .addCommand(setAsideCommand())
    .addCommand(resendCommand())
    .addCommand(redriveCommand())
    .addCommand(
      new Command('validate')
        .description('say which lines of an NDJSON file would be taken, which refused and why; sends nothing')
        .argument('<file>', 'NDJSON: one event a line; - is standard input')
        .option('--clinic <dir>', "the clinic's folder: its programme, modules and measures are checked too", 'clinic')
        .option('--json', 'NDJSON: one line for every fault, then one with the counts')
        .addHelpText(
          'after',
          '\nExample: npx tandem events validate events.ndjson\nExit codes: 0 every line would be taken, 1 some are refused, 2 the file or the folder cannot be read.',
        )
        .action(async (file: string, options: { clinic: string; json?: true }, command: Command) => {
          const chosen = command.getOptionValueSource('clinic') !== 'default';
          process.exitCode = await validate(file, options.clinic, chosen, options.json ?? false);
        }),
    );
}

/** @param chosen whether somebody named the folder: the usual one may be missing at the vendor's, and is then left out. */
async function validate(file: string, folder: string, chosen: boolean, json: boolean): Promise<0 | 1 | 2> {
  let clinic: KnownNames | null = null;
  if (chosen || isFolder(folder)) {
    const loaded = loadClinic(folder);
    if ('faults' in loaded)
      return impossible(`${folder}: has faults: see npx tandem check ${folder}, and mend them first`);
    clinic = loaded.clinic;
  } else process.stderr.write(`There is no folder ${folder} here: programme, modules and measures are not checked.\n`);

  let taken = 0;
  let refused = 0;
  try {
    for await (const { line, faults } of verdicts(bytesOf(file), clinic, instantAt(Date.now()))) {
      if (faults.length === 0) taken += 1;
      else refused += 1;
      for (const fault of faults) print(json ? JSON.stringify({ line, ...fault }) : inWords(line, fault));
    }
  } catch (error) {
    return impossible(
      `${file}: cannot be read (${codeOf(error)}): name a file that you may read, or - for standard input`,
    );
  }
  print(json ? JSON.stringify({ taken, refused }) : `${taken} would be taken, ${refused} refused.`);
  if (refused === 0) return 0;
  process.stderr.write(`${file}: ${refused} refused: mend and validate again\n`);
  return 1;
}

/** What would become of one line: it is taken where there are no faults. */
export interface Verdict {
  readonly line: number;
  readonly faults: readonly Fault[];
}

/**
 * The verdict on every line that is not empty. Holds one line at a time, and two hashes for every id.
 * @param clinic null: what the clinic has to know is not looked at.
 */
export async function* verdicts(
  bytes: AsyncIterable<Uint8Array>,
  clinic: KnownNames | null,
  now: Instant,
): AsyncGenerator<Verdict> {
  const contents = new Map<string, { readonly hash: string; readonly line: number }>();
  for await (const read of jsonLines(bytes)) {
    const { line } = read;
    if ('fault' in read) {
      yield { line, faults: [{ path: '', message: read.fault }] };
      continue;
    }
    const event = readEvent(read.value, now);
    if ('faults' in event) {
      yield { line, faults: event.faults };
      continue;
    }
    const faults = clinic === null ? [] : checkAgainstClinic(event.event, clinic);
    const id = sha256Hex(event.event.id);
    const hash = sha256Hex(canonicalText(event.event));
    const first = contents.get(id);
    if (first === undefined) contents.set(id, { hash, line });
    else if (first.hash !== hash)
      faults.push({ path: 'id', message: `was used in line ${first.line} with other content: write another id` });
    yield { line, faults };
  }
}

function inWords(line: number, { path, message }: Fault): string {
  return `line ${line}${path === '' ? '' : `, ${path}`}: ${message}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function impossible(reason: string): 2 {
  process.stderr.write(`${reason}\n`);
  return 2;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
