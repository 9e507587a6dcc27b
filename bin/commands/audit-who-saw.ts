import { Command } from 'commander';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { concerns, whoSaw, whoSawText } from '../../functions/domain/who-saw.ts';
import {
  type FindDeployment,
  type PatientOptions,
  patientOfExport,
  patientOrExport,
  withPatientOptions,
} from '../audit-options.ts';
import { findDeployment } from '../deployment.ts';
import { type AuditPorts, lookRecord, noteOn, openAudit } from '../open-audit.ts';
import { clinicOf } from '../open-deployment.ts';
import { chainRecords, readingOf, unreadableText } from '../opened-records.ts';

/** `tandem audit who-saw`: who saw or changed what about one patient, when and why, in words for the patient. */
export function whoSawCommand(): Command {
  return withPatientOptions(new Command('who-saw'))
    .description('Who saw or changed what about a patient, when and why, in plain words that can be handed over.')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit who-saw --patient VENDOR-ID --stage production\n' +
        'Exit codes: 0 done, 1 records could not be read, 2 not possible. That you asked is recorded, and on the list.',
    )
    .action((options: PatientOptions) => showWhoSaw(options, () => findDeployment(options.stage)));
}

/** @throws Refused with what to do instead. */
export async function showWhoSaw(options: PatientOptions, find: FindDeployment): Promise<void> {
  const whose = patientOrExport(options);
  const clinic = clinicOf(options.clinic);
  const { chain, records, unreadable, system } =
    'file' in whose
      ? await patientOfExport(whose.file, whose.keys, options.chain)
      : await onDeployment(whose.patient, openAudit(await find(), clinic));
  const found = whoSaw([...records, ...system.records.filter((record) => concerns(record, chain))]);
  const { timeZone } = clinic.settings;
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ timeZone, ...found })}\n` : `${whoSawText(found, timeZone)}\n`,
  );
  const unread = [...unreadable, ...system.unreadable];
  process.stderr.write(unreadableText(unread));
  process.exitCode = unread.length === 0 ? 0 : 1;
}

async function onDeployment(patient: string, ports: AuditPorts) {
  const chain = await ports.pseudonyms.patient(patient);
  const look = lookRecord('audit.who-saw', 'who saw or changed what', await ports.accessKeyId(), {});
  await noteOn(ports, chain, look, new Date().toISOString());
  const reading = await readingOf(chainRecords(ports.reader, chain));
  const system = await readingOf(...systemChains.map((one) => chainRecords(ports.reader, one)));
  return { ...reading, chain, system };
}
