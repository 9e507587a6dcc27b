import { once } from 'node:events';
import { Command } from 'commander';
import { clinicOf, instantOf, NotPossible, withExitCode } from '../patients-at.ts';
import { simulate } from '../simulate/cohort.ts';

interface Options {
  readonly patients: string;
  readonly weeks: string;
  readonly seed: string;
  readonly start: string;
  readonly clinic: string;
}

/** `tandem simulate --patients N --weeks W --seed S`. Exit code 0 done, 2 not possible. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('a simulated cohort as NDJSON events: nobody in it exists, every id starts with "sim-"')
    .requiredOption('--patients <number>', 'how many patients, 1 to 1000000')
    .requiredOption('--weeks <number>', 'how many weeks each is followed, 1 to 520')
    .requiredOption('--seed <number>', 'a whole number: the same seed gives the same events')
    .option('--start <instant>', 'when the first enrolments are; they spread over four weeks', '2026-01-05T00:00:00Z')
    .option('--clinic <dir>', "the clinic's folder", 'clinic')
    .option('--json', 'NDJSON, as always')
    .addHelpText(
      'after',
      '\nExample: npx tandem simulate --patients 300 --weeks 8 --seed 1 > events.ndjson\nExit codes: 0 done, 2 not possible.',
    )
    .action((options: Options) =>
      withExitCode(async () => {
        const cohort = {
          patients: wholeNumber(options.patients, '--patients', 1, 1_000_000),
          weeks: wholeNumber(options.weeks, '--weeks', 1, 520),
          seed: wholeNumber(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER),
          start: instantOf(options.start, '--start'),
        };
        for (const event of simulate(cohort, clinicOf(options.clinic)))
          if (!process.stdout.write(`${JSON.stringify(event)}\n`)) await once(process.stdout, 'drain');
        return [];
      }),
    );
}

function wholeNumber(text: string, option: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new NotPossible(`${option}: write a whole number from ${min} to ${max}`);
}
