import { Command, Option } from 'commander';
import { type Audience, explain, explainNotScored, wordingOf } from '../../functions/domain/explain.ts';
import { assess } from '../../functions/domain/risk.ts';
import { clinicOf, instantOf, patientsAt, withExitCode } from '../patients-at.ts';

interface Options {
  readonly at: string;
  readonly for: Audience;
  readonly clinic: string;
  readonly json?: true;
}

/** `tandem explain FILE --at INSTANT --for therapist|patient`. Exit code 0 done, 1 the file has faults, 2 not possible. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('the assessments in words: for the therapist with every reason, for the patient in plain words')
    .argument('<file>', 'events as NDJSON; - is standard input')
    .requiredOption('--at <instant>', 'the moment, such as 2026-03-02T09:00:00Z; later events have not happened yet')
    .addOption(new Option('--for <audience>', 'who reads it').choices(['therapist', 'patient']).makeOptionMandatory())
    .option('--clinic <dir>', "the clinic's folder", 'clinic')
    .option('--json', 'NDJSON instead of text: patient, kind (null: not scored), text')
    .addHelpText(
      'after',
      '\nExample: npx tandem explain events.ndjson --at 2026-03-02T09:00:00Z --for patient\nExit codes: 0 done, 1 the file has faults, 2 not possible.',
    )
    .action((file: string, options: Options) =>
      withExitCode(async () => {
        const at = instantOf(options.at, '--at');
        const clinic = clinicOf(options.clinic);
        const { patients, faults } = await patientsAt(file, at, clinic);
        const wording = wordingOf(clinic);
        for (const [patient, state] of patients) {
          const { assessments, notScored } = assess(state, clinic, at);
          const texts = assessments.map((one) => ({ kind: one.kind, text: explain(one, options.for, wording) }));
          const all = [
            ...texts,
            ...(notScored === null ? [] : [{ kind: null, text: explainNotScored(notScored, options.for) }]),
          ];
          if (options.json) for (const one of all) process.stdout.write(`${JSON.stringify({ patient, ...one })}\n`);
          else process.stdout.write(`# ${patient}\n\n${all.map(({ text }) => text).join('\n\n')}\n\n`);
        }
        return faults;
      }),
    );
}
