import { Command } from 'commander';
import { decideHold, decideRelease } from '../../functions/domain/legal-hold.ts';
import { erasePatient } from '../../functions/erase-patient.ts';
import { loadDecideCommit } from '../../functions/load-decide-commit.ts';
import type { FindDeployment } from '../audit-options.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { clinicOf } from '../open-deployment.ts';
import { openErasure, orderOf, reasonOf } from '../open-erasure.ts';

interface PatientOrderOptions extends DeploymentOptions {
  readonly patient: string;
  readonly reason: string;
}

/** `tandem patients …`: what a person may order about a whole patient. */
export function patientsCommand(): Command {
  return new Command('patients')
    .description('a whole patient: erase them, or keep them from being erased')
    .addCommand(
      orderCommand(
        'erase',
        'destroys the keys of everything about a patient, for good, and records that you did',
      ).addHelpText(
        'after',
        '\nExample: npx tandem patients erase --patient VENDOR-ID --reason "asked for it in writing" --stage production\n' +
          'There is no way back. It also erases what the accounting of disclosures holds: if you have to keep that, first\n' +
          '  npx tandem audit export --patient VENDOR-ID --decrypt keys.json --out evidence.ndjson --reason "…"\n' +
          'Refused while a legal hold stands, an urgent or safety alert is open, or the enrolment has not ended.\n' +
          'Call it again where it was interrupted. What stays: docs/audit.md#erasure-legal-hold-and-retention',
      ),
    )
    .addCommand(
      orderCommand('hold', 'a legal hold: nothing of this patient is erased until it is released').addHelpText(
        'after',
        '\nExample: npx tandem patients hold --patient VENDOR-ID --reason "subpoena of the county court" --stage production',
      ),
    )
    .addCommand(
      orderCommand('release', 'ends a legal hold').addHelpText(
        'after',
        '\nExample: npx tandem patients release --patient VENDOR-ID --reason "the case is closed" --stage production',
      ),
    );
}

const orders = { erase: eraseOnDeployment, hold: holdOnDeployment, release: holdOnDeployment };

function orderCommand(order: keyof typeof orders, description: string): Command {
  return withDeploymentOptions(new Command(order))
    .description(description)
    .requiredOption('--patient <id>', 'the patient, by the id that the programme uses')
    .requiredOption('--reason <text>', 'why, in your own words: it stays in the audit for good, so name no patient')
    .action((options: PatientOrderOptions) => orders[order](options, () => findDeployment(options.stage), order));
}

/** @throws Refused with what to do instead. */
export async function eraseOnDeployment(options: PatientOrderOptions, find: FindDeployment): Promise<void> {
  const reason = reasonOf(options.reason);
  const ports = openErasure(await find(), clinicOf(options.clinic));
  const id = await ports.pseudonyms.patient(options.patient);
  const order = { ...(await orderOf(reason, ports.accessKeyId)), cause: 'request' as const };
  const done = await erasePatient(ports, id, order, new Date().toISOString());
  if ('refused' in done) throw new Refused(`not erased: ${done.refused}`);
  process.stdout.write(
    `${id} was erased at ${done.at}: nobody can read anything of them\n` +
      `${done.cleared} items cleared away, ${done.setAsides} messages taken off the list of those set aside\n` +
      'Ask the programme to send nothing more of them: it would be set aside. Backups follow as they age out.\n',
  );
}

/** @throws Refused with what to do instead. */
export async function holdOnDeployment(
  options: PatientOrderOptions,
  find: FindDeployment,
  order: string,
): Promise<void> {
  const reason = reasonOf(options.reason);
  const { patients, pseudonyms, pause, clinic, accessKeyId } = openErasure(await find(), clinicOf(options.clinic));
  const id = await pseudonyms.patient(options.patient);
  const given = await orderOf(reason, accessKeyId);
  const now = new Date().toISOString();
  await loadDecideCommit(
    patients,
    id,
    async (patient) => {
      const decision =
        order === 'hold' ? decideHold(patient, given, clinic, now) : decideRelease(patient, given, clinic, now);
      if ('refused' in decision) throw new Refused(`not done: ${decision.refused}`);
      return decision.change;
    },
    pause,
  );
  process.stdout.write(
    order === 'hold' ? `${id} is kept until the legal hold is released\n` : `${id} is under no legal hold any more\n`,
  );
}
