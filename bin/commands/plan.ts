import { Command } from 'commander';
import { type DryRunLine, dryRun } from '../../functions/domain/reminder-dry-run.ts';
import { clinicOf, eventsOfFile, instantOf, NotPossible, withExitCode } from '../patients-at.ts';
import { table } from '../table.ts';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly clinic: string;
  readonly json?: true;
}

/** `tandem plan FILE --from INSTANT --to INSTANT`. Exit code 0 done, 1 the file has faults, 2 not possible. */
export function planCommand(): Command {
  return new Command('plan')
    .description('a dry run of the reminders: those that would go out, and those held back, each with its reason')
    .argument('<file>', 'events as NDJSON; - is standard input')
    .requiredOption('--from <instant>', 'the first moment shown; what went out before is worked out and counts')
    .requiredOption('--to <instant>', 'the moment at which it ends; that one and later events have not happened yet')
    .option('--clinic <dir>', "the clinic's folder", 'clinic')
    .option('--json', 'NDJSON instead of a table: patient, at, local, template, why; channel, or heldBack and until')
    .addHelpText(
      'after',
      '\nExample: npx tandem plan events.ndjson --from 2026-03-02T00:00:00Z --to 2026-03-16T00:00:00Z\nExit codes: 0 done, 1 the file has faults, 2 not possible.',
    )
    .action((file: string, options: Options) =>
      withExitCode(async () => {
        const from = instantOf(options.from, '--from');
        const to = instantOf(options.to, '--to');
        if (to <= from) throw new NotPossible('--to: write a moment after --from');
        const clinic = clinicOf(options.clinic);
        if (clinic.programme.reminders === undefined)
          console.error(`${options.clinic}/programme.yaml: has no section reminders, so nothing is sent`);
        const { events, faults } = await eventsOfFile(file, to);
        const rows: string[][] = [];
        for (const [patient, history] of Map.groupBy(events, (event) => event.patient))
          for (const line of dryRun(history, clinic, to)) {
            if (line.at < from) continue;
            if (options.json) process.stdout.write(`${JSON.stringify({ patient, ...line })}\n`);
            else rows.push(rowOf(patient, line));
          }
        if (!options.json) process.stdout.write(`${table(['patient', 'local time', 'reminder', '', 'why'], rows)}\n`);
        return faults;
      }),
    );
}

function rowOf(patient: string, line: DryRunLine): string[] {
  const what = 'channel' in line ? `by ${line.channel}` : `held back: ${line.heldBack}`;
  return [patient, line.local, line.template, what, line.why];
}
