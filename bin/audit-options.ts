import type { Command } from 'commander';
import type { ChainId } from '../functions/domain/audit-chain.ts';
import { isOfPatient } from '../functions/domain/audit-record.ts';
import { type Instant, readInstant } from '../functions/domain/instant.ts';
import { privateKeys } from './commands/audit-keys.ts';
import { type Deployment, type DeploymentOptions, Refused, withDeploymentOptions } from './deployment.ts';
import { bundleRecords, type Opened, type Reading, readingOf } from './opened-records.ts';

/** Which patient a question is about: one of a deployment, or one of an export. */
export interface PatientOptions extends DeploymentOptions {
  readonly patient?: string;
  readonly export?: string;
  readonly privateKeys?: string;
  readonly chain?: string;
  readonly json?: true;
}

export type FindDeployment = () => Promise<Deployment>;

export function withPatientOptions(command: Command): Command {
  return withDeploymentOptions(command)
    .option('--patient <id>', 'the patient, by the id that the programme uses')
    .option('--export <file>', 'instead of a deployment: an evidence bundle with contents; needs no right in the cloud')
    .option('--private-keys <file>', 'with --export: the keys that audit export --decrypt wrote')
    .option('--chain <id>', 'with --export: the patient’s chain, where the bundle holds several')
    .option('--json', 'print one JSON object a line');
}

/** A moment given on the command line; null where it was not. */
export function instantOption(text: string | undefined, option: string): Instant | null {
  if (text === undefined) return null;
  const instant = readInstant(text);
  if (instant === null) throw new Refused(`write ${option} as a moment such as 2026-03-01T00:00:00Z`);
  return instant;
}

/** @throws Refused unless the options name one patient of a deployment, or one export. */
export function patientOrExport({
  patient,
  export: file,
  privateKeys: keys,
  chain,
}: PatientOptions): { readonly patient: string } | { readonly file: string; readonly keys: string } {
  if (patient !== undefined && file === undefined) {
    if (keys === undefined && chain === undefined) return { patient };
    throw new Refused('--private-keys and --chain go with --export: a deployment has its own');
  }
  if (file === undefined || patient !== undefined) throw new Refused('give either --patient or --export');
  if (keys === undefined) throw new Refused('give --private-keys: without them nobody can read an export');
  return { file, keys };
}

/**
 * One patient's records of an export, and those of the system's chains.
 * @throws Refused where the export holds no patient's chain, or several and none is named.
 */
export async function patientOfExport(
  file: string,
  keysFile: string,
  chain: ChainId | undefined,
): Promise<Reading & { readonly chain: ChainId; readonly system: Reading }> {
  const keys = await privateKeys(keysFile);
  const { records, unreadable } = await readingOf(bundleRecords(file, keys));
  const chains = [...new Set([...records, ...unreadable].filter(isOfPatient).map(({ chain: id }) => id))];
  const chosen = chain ?? (chains.length === 1 ? chains[0] : undefined);
  if (chosen === undefined || !chains.includes(chosen))
    throw new Refused(
      chains.length === 0
        ? 'the export holds no patient: export with contents, --patient or everything'
        : `the export holds several patients: name one with --chain, such as ${chains.slice(0, 3).join(', ')}`,
    );
  const isChosen = ({ chain: id }: Pick<Opened, 'chain'>) => id === chosen;
  return {
    chain: chosen,
    records: records.filter(isChosen),
    unreadable: unreadable.filter(isChosen),
    system: {
      records: records.filter((one) => !isOfPatient(one)),
      unreadable: unreadable.filter((one) => !isOfPatient(one)),
    },
  };
}
