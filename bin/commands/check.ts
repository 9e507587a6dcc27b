import { statSync } from 'node:fs';
import { Command } from 'commander';
import { formatFault, loadClinic } from '../clinic-folder.ts';

/** What `tandem check` prints, and its exit code: 0 fine, 1 faults, 2 no such folder. */
export interface CheckResult {
  readonly exitCode: 0 | 1 | 2;
  readonly output: string;
  readonly error: string;
}

export function checkCommand(): Command {
  return new Command('check')
    .description("check the clinic's folder: every fault with its file, its line and what to write instead")
    .argument('[dir]', 'the folder', 'clinic')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem check clinic\nExit codes: 0 no fault, 1 faults, 2 there is no such folder.',
    )
    .action((folder: string, options: { json?: true }) => {
      const { exitCode, output, error } = checkFolder(folder, options.json ?? false);
      process.stdout.write(output);
      process.stderr.write(error);
      process.exitCode = exitCode;
    });
}

/** @param json whether a machine reads the output. */
export function checkFolder(folder: string, json: boolean): CheckResult {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    return {
      exitCode: 2,
      output: json ? lineOf({ ok: false, folder, faults: [] }) : '',
      error: `${folder}: there is no such folder: name the folder that holds clinic.yaml\n`,
    };
  const loaded = loadClinic(folder);
  if ('faults' in loaded) {
    const { faults } = loaded;
    const lines = faults.map((fault) => `${formatFault(fault)}\n`).join('');
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    return {
      exitCode: 1,
      output: json ? lineOf({ ok: false, folder, faults }) : lines,
      error: `${folder}: ${count}: mend and check again\n`,
    };
  }
  const { hash, programme, measures, messages } = loaded.clinic;
  const found = {
    programme: programme.id,
    modules: programme.modules.length,
    measures: measures.map(({ id }) => id),
    languages: Object.keys(messages),
  };
  const words = `no fault; programme ${found.programme}, ${found.modules} modules; measures ${found.measures.join(', ')}; languages ${found.languages.join(', ')}; ${hash}`;
  return {
    exitCode: 0,
    output: json ? lineOf({ ok: true, folder, hash, ...found, faults: [] }) : `${folder}: ${words}\n`,
    error: '',
  };
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
