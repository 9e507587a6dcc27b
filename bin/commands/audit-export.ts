import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Command } from 'commander';
import { exportPorts } from '../../functions/adapters/compose.ts';
import { exportRecord } from '../../functions/adapters/export-audit.ts';
import type { BundleScope } from '../../functions/domain/audit-bundle.ts';
import type { ChainId } from '../../functions/domain/audit-chain.ts';
import { verifierKey } from '../../functions/domain/checkpoint.ts';
import { type Instant, readInstant } from '../../functions/domain/instant.ts';
import { exportEvidence } from '../../functions/export-evidence.ts';
import type { StoredRecords } from '../../functions/ports/stored-records.ts';
import {
  type Deployment,
  type DeploymentOptions,
  findDeployment,
  functionEnvironment,
  Refused,
  withDeploymentOptions,
} from '../deployment.ts';
import { clinicOf } from '../open-deployment.ts';
import { type Progress, progressOn } from '../progress.ts';
import { erasedKey } from './audit-keys.ts';

interface ExportOptions extends DeploymentOptions {
  readonly out: string;
  readonly reason: string;
  readonly patient?: string;
  readonly from?: string;
  readonly to?: string;
  readonly hashesOnly?: true;
  readonly decrypt?: string;
}

/** `tandem audit export`: the sealed audit as one file that anybody can check. */
export function exportCommand(): Command {
  return withDeploymentOptions(new Command('export'))
    .description('Writes an evidence bundle of what is sealed, and records in the audit that you did.')
    .requiredOption('--out <file>', 'the new file; it must not be there yet')
    .requiredOption('--reason <text>', 'why, in your own words: it stands in the audit, so name no patient')
    .option('--patient <id>', "one patient's chain only, by the id that the programme uses")
    .option('--from <time>', 'seals whose period ends after this moment, such as 2026-03-01T00:00:00Z')
    .option('--to <time>', 'seals whose period ends at this moment or before')
    .option('--hashes-only', 'without the encrypted contents: enough to check everything but them')
    .option('--decrypt <file>', 'also writes the private keys that open the contents, for audit verify --private-keys')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit export --out evidence.ndjson --reason "yearly review" --stage production\n' +
        'What is not sealed yet is not in it: npx tandem audit seal first.',
    )
    .action((options: ExportOptions) => exportAudit(options, () => findDeployment(options.stage)));
}

/** `tandem audit key`: the line to hand to whoever will verify. */
export function keyCommand(): Command {
  return withDeploymentOptions(new Command('key'))
    .description('Prints the public key that signs the seals, as a line name+hash+key for audit verify --key.')
    .addHelpText('after', '\nExample: npx tandem audit key --stage production > seal-key.txt')
    .action(async ({ stage }: DeploymentOptions) => {
      const deployment = await findDeployment(stage);
      process.stdout.write(`${await keyLine(deployment, exportPorts(functionEnvironment(deployment)))}\n`);
    });
}

/** `tandem audit seal`: does not wait for the next five minutes. */
export function sealCommand(): Command {
  return withDeploymentOptions(new Command('seal'))
    .description('Seals now what the audit has grown by; otherwise it happens every five minutes.')
    .addHelpText('after', '\nExample: npx tandem audit seal --stage local\nExit codes: 0 sealed, 2 not possible.')
    .action(async ({ stage }: DeploymentOptions) => {
      const { outputs } = await findDeployment(stage);
      process.stdout.write(`${await seal(outputs['AuditSealArn'])}\n`);
    });
}

type Ports = ReturnType<typeof exportPorts>;

/**
 * @param find called once the options are known to be right.
 * @throws Refused with what to do instead.
 */
export async function exportAudit(options: ExportOptions, find: () => Promise<Deployment>): Promise<void> {
  const { out, reason, decrypt } = options;
  for (const file of [out, ...(decrypt === undefined ? [] : [decrypt])])
    if (existsSync(file)) throw new Refused('the file to write is there already: name a new one');
  if (reason.trim() === '' || reason.length > longestReason)
    throw new Refused(`write a --reason of 1 to ${longestReason} characters`);
  const [from, to] = [instantOf(options.from, '--from'), instantOf(options.to, '--to')];

  const { hash } = clinicOf(options.clinic);
  const progress = progressOn(process.stderr, !process.stderr.isTTY);
  const deployment = await find();
  const ports = exportPorts(functionEnvironment(deployment));
  const chains = options.patient === undefined ? 'all' : [await ports.pseudonyms.patient(options.patient)];
  const scope: BundleScope = { chains, from, to };
  const key = await keyLine(deployment, ports);
  if ((await ports.store.head()) === null)
    throw new Refused('nothing is sealed yet: wait five minutes, or run npx tandem audit seal');

  const exportedAt = new Date().toISOString();
  const id = randomUUID();
  const asked = {
    id,
    scope,
    who: userInfo().username,
    accessKeyId: await ports.accessKeyId(),
    reason: reason.toWellFormed(),
    contents: options.hashesOnly !== true,
    keys: decrypt !== undefined,
  };
  await ports.journal.note(id, exportRecord(asked, hash), exportedAt);

  progress.step('exporting');
  const seen = new SeenChains(ports.records(asked.contents));
  const lines = exportEvidence(
    { store: ports.store, records: seen },
    { scope, exportedAt, keys: [{ key, fromSeal: 1, toSeal: null }] },
  );
  const written = await writeLines(out, lines, progress);
  const told = decrypt === undefined ? '' : `, ${await writeKeys(decrypt, seen.chains, ports, progress)}`;
  progress.end();
  process.stdout.write(`${written} lines, ${seen.chains.size} chains written${told}. Key: ${key}\n`);
}

const longestReason = 1000;

/** Under another name until it is whole: a file of the right name is never half an export. */
async function writeLines(out: string, lines: AsyncIterable<string>, progress: Progress): Promise<number> {
  const aside = `${out}.partial`;
  let written = 0;
  async function* counted() {
    for await (const line of lines) {
      written += 1;
      if (written % 1000 === 0) progress.count(`${written} lines`);
      yield line;
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(aside, { mode: 0o600 }));
    renameSync(aside, out);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  return written;
}

/** One JSON object from chain to JWK. Whoever has it can read everything in the bundle. */
async function writeKeys(
  file: string,
  chains: ReadonlySet<ChainId>,
  ports: Ports,
  progress: Progress,
): Promise<string> {
  progress.step('opening keys');
  const keys: Record<string, unknown> = {};
  let erased = 0;
  for (const chain of chains) {
    const jwk = await ports.privateJwk(chain);
    if (jwk === null) erased += 1;
    keys[chain] = jwk ?? erasedKey;
  }
  writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: 'wx' });
  const gone = erased === 0 ? '' : `; the keys of ${erased} chains were erased`;
  return `${chains.size - erased} keys (keep them where personal content may be)${gone}`;
}

/** Notes which chains an export has come by. */
class SeenChains implements StoredRecords {
  readonly chains = new Set<ChainId>();
  readonly #records: StoredRecords;

  constructor(records: StoredRecords) {
    this.#records = records;
  }

  between(chain: ChainId, firstSeq: number, lastSeq: number) {
    this.chains.add(chain);
    return this.#records.between(chain, firstSeq, lastSeq);
  }
}

async function keyLine({ outputs }: Deployment, { signer }: Ports): Promise<string> {
  const origin = outputs['LogOrigin'];
  if (origin === undefined) throw new Refused('the deployment seals no audit yet: deploy it again');
  return verifierKey(origin, (await signer()).key);
}

function instantOf(text: string | undefined, option: string): Instant | null {
  if (text === undefined) return null;
  const instant = readInstant(text);
  if (instant === null) throw new Refused(`write ${option} as a moment such as 2026-03-01T00:00:00Z`);
  return instant;
}

async function seal(stateMachineArn: string | undefined): Promise<string> {
  const client = new SFNClient({});
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  for (;;) {
    const { status, output } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return output ?? '';
    if (status !== 'RUNNING')
      throw new Refused('no seal was made: see the workflow audit-seal (docs/operations.md#audit-seal-failed)');
    await sleep(500);
  }
}
