import { Command } from 'commander';
import { sha256Hex } from '../../functions/domain/canonical.ts';
import { fhirRiskAssessment } from '../../functions/domain/fhir-risk-assessment.ts';
import { assess, type NotScored } from '../../functions/domain/risk.ts';
import { clinicOf, instantOf, patientsAt, withExitCode } from '../patients-at.ts';

/** `tandem assess FILE --at INSTANT`. Exit code 0 done, 1 the file has faults, 2 not possible. */
export function assessCommand(): Command {
  return new Command('assess')
    .description('what the nightly scan would find: assessments as NDJSON, with factors, level and next review')
    .argument('<file>', 'events as NDJSON; - is standard input')
    .requiredOption('--at <instant>', 'the moment, such as 2026-03-02T09:00:00Z; later events have not happened yet')
    .option('--clinic <dir>', "the clinic's folder", 'clinic')
    .option('--json', 'NDJSON, as always')
    .option('--fhir', 'FHIR R4 RiskAssessment resources instead; the subject is a hash of the id in the file')
    .addHelpText(
      'after',
      '\nExample: npx tandem assess events.ndjson --at 2026-03-02T09:00:00Z\nExit codes: 0 done, 1 the file has faults, 2 not possible.\n--fhir: the hash takes no key, so whoever knows an id finds its hash; a deployment uses ids of its own, hashed with its key.',
    )
    .action((file: string, options: { at: string; clinic: string; fhir?: true }) =>
      withExitCode(async () => {
        const at = instantOf(options.at, '--at');
        const clinic = clinicOf(options.clinic);
        const { patients, faults } = await patientsAt(file, at, clinic);
        const basis = clinic.rules.risk?.basis ?? '';
        const passedOver = new Map<NotScored, number>();
        for (const [patient, state] of patients) {
          const { assessments, notScored } = assess(state, clinic, at);
          for (const assessment of assessments) {
            const line = options.fhir
              ? fhirRiskAssessment(assessment, { patient: subjectOf(patient), basis, probabilityPercent: null })
              : { patient, ...assessment };
            process.stdout.write(`${JSON.stringify(line)}\n`);
          }
          if (notScored !== null) passedOver.set(notScored, (passedOver.get(notScored) ?? 0) + 1);
        }
        for (const [why, count] of passedOver) console.error(`not scored, ${why}: ${count} of ${patients.size}`);
        return faults;
      }),
    );
}

/** The programme's id may be a record number and need not fit into FHIR; the same id gives the same subject. */
function subjectOf(patient: string): string {
  return `file-${sha256Hex('tandem.file-subject.v1\u0000', patient).slice(0, 32)}`;
}
