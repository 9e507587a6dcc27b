import { Command } from 'commander';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import type { AuditRecord, ChainId } from '../../functions/domain/audit-chain.ts';
import { type FhirAuditContext, fhirAuditEvents } from '../../functions/domain/fhir-audit-event.ts';
import { fhirProvenance } from '../../functions/domain/fhir-provenance.ts';
import { concerns } from '../../functions/domain/who-saw.ts';
import type { FindDeployment } from '../audit-options.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { lookRecord, noteOn, openAudit } from '../open-audit.ts';
import { clinicOf } from '../open-deployment.ts';
import {
  bundleRecords,
  type ChainReader,
  chainRecords,
  type Opened,
  type OpenedRecords,
  unreadableText,
} from '../opened-records.ts';
import { privateKeys } from './audit-keys.ts';

const types = ['AuditEvent', 'Provenance'] as const;

interface FhirOptions extends DeploymentOptions {
  readonly patient?: string;
  readonly privateKeys?: string;
  readonly reason?: string;
  readonly type: string;
}

/** `tandem audit fhir`: the records as FHIR R4, one resource a line. */
export function fhirCommand(): Command {
  return withDeploymentOptions(new Command('fhir'))
    .description(
      'Writes the records as FHIR R4 AuditEvents (profiles of IHE BALP) or Provenances, one resource a line.',
    )
    .argument('[export]', 'an evidence bundle with contents; with --patient none, but the deployment')
    .option('--private-keys <file>', 'with an export: the keys that audit export --decrypt wrote')
    .option('--patient <id>', 'one patient of a deployment, by the id that the programme uses')
    .option('--reason <text>', 'with --patient: why; it stands in the audit')
    .option('--type <type>', `${types.join(' or ')}: of changes only`, types[0])
    .addHelpText(
      'after',
      '\nExample: npx tandem audit fhir evidence.ndjson --private-keys keys.json > audit-events.ndjson\n' +
        'Exit codes: 0 done, 1 records could not be written (they are counted, the rest is), 2 not possible.',
    )
    .action((file: string | undefined, options: FhirOptions) =>
      writeFhir(file, options, () => findDeployment(options.stage)),
    );
}

/** @throws Refused with what to do instead. */
export async function writeFhir(file: string | undefined, options: FhirOptions, find: FindDeployment): Promise<void> {
  const type = types.find((one) => one === options.type);
  if (type === undefined) throw new Refused(`--type: write ${types.join(' or ')}`);
  const { opened, observer, only } = await sourceOf(file, options, find);
  const failed: Opened[] = [];
  for await (const one of opened) {
    if (one.record === null) failed.push(one);
    else process.stdout.write(linesOf(type, one.record, { observer: observer(), only }));
  }
  process.stderr.write(unreadableText(failed));
  process.exitCode = failed.length === 0 ? 0 : 1;
}

interface Source {
  readonly opened: OpenedRecords;
  /** Known once the first record is there. */
  readonly observer: () => string;
  readonly only: ChainId | null;
}

async function sourceOf(
  file: string | undefined,
  { patient, privateKeys: keys, reason, clinic: folder }: FhirOptions,
  find: FindDeployment,
): Promise<Source> {
  if (file !== undefined && patient === undefined) {
    if (keys === undefined) throw new Refused('give --private-keys: without them nobody can read an export');
    let origin = '';
    const opened = bundleRecords(file, await privateKeys(keys), (header) => (origin = header.origin));
    return { opened, observer: () => origin, only: null };
  }
  if (patient === undefined || file !== undefined) throw new Refused('give either an export or --patient');
  if (reason === undefined || reason.trim() === '' || reason.length > longestReason)
    throw new Refused(`with --patient write a --reason of 1 to ${longestReason} characters`);
  const ports = openAudit(await find(), clinicOf(folder));
  const chain = await ports.pseudonyms.patient(patient);
  const look = lookRecord('audit.fhir', reason.toWellFormed(), await ports.accessKeyId(), {});
  await noteOn(ports, chain, look, new Date().toISOString());
  return { opened: recordsAbout(chain, ports.reader), observer: () => ports.origin, only: chain };
}

const longestReason = 1000;

/** The patient's chain, then what concerns them on the system's. */
async function* recordsAbout(chain: ChainId, reader: ChainReader): AsyncGenerator<Opened> {
  yield* chainRecords(reader, chain);
  for (const system of systemChains)
    for await (const one of chainRecords(reader, system))
      if (one.record === null || concerns(one.record, chain)) yield one;
}

function linesOf(type: (typeof types)[number], record: AuditRecord, context: FhirAuditContext): string {
  const provenance = type === 'Provenance' ? fhirProvenance(record, context) : null;
  const resources = type === 'AuditEvent' ? fhirAuditEvents(record, context) : provenance === null ? [] : [provenance];
  return resources.map((resource) => `${JSON.stringify(resource)}\n`).join('');
}
