import { createReadStream, statSync } from 'node:fs';
import { Command } from 'commander';
import { type Progress, progressOn } from '../progress.ts';
import { disclosuresCommand, recordDisclosureCommand } from './audit-disclosures.ts';
import { expireCommand } from './audit-expire.ts';
import { exportCommand, keyCommand, sealCommand } from './audit-export.ts';
import { fhirCommand } from './audit-fhir.ts';
import { nodeVerify, privateKeys, textOf, trustedKeys } from './audit-keys.ts';
import { reviewCommand } from './audit-review.ts';
import { faultText, summaryText, verifyBundle, type Watch } from './audit-verify.ts';
import { whoSawCommand } from './audit-who-saw.ts';

interface VerifyOptions {
  readonly key: readonly string[];
  readonly checkpoint?: string;
  readonly privateKeys?: string;
  readonly json?: boolean;
}

/** `tandem audit …`: what the audit is for. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('The audit: who did what, and the proof that nobody changed it afterwards.')
    .addHelpText(
      'after',
      '\nOpening records of a deployment takes the role AuditExportRoleArn of its stack Audit: docs/audit.md#who-may-open-it',
    )
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
    .addCommand(sealCommand())
    .addCommand(keyCommand())
    .addCommand(disclosuresCommand())
    .addCommand(recordDisclosureCommand())
    .addCommand(whoSawCommand())
    .addCommand(reviewCommand())
    .addCommand(expireCommand())
    .addCommand(fhirCommand());
}

/** `tandem audit verify EXPORT --key PUB`. Exit code 0 nothing wrong, 1 faults, 2 not readable. */
function verifyCommand(): Command {
  return new Command('verify')
    .description('Checks an evidence bundle: needs neither a network nor any right in the cloud.')
    .argument('<export>', 'the bundle; - is standard input')
    .requiredOption(
      '--key <file...>',
      'the public key that signs the seals, as you were given it: PEM or name+hash+key',
    )
    .option('--checkpoint <file>', 'a seal kept outside, to exclude a second history')
    .option('--private-keys <file>', 'JSON, chain to P-256 private key (JWK): opens the contents and checks them too')
    .option('--json', 'NDJSON: one line a fault, then one with the summary')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit verify evidence.ndjson --key seal-key.pem --checkpoint last-week.checkpoint\n' +
        'Exit codes: 0 nothing wrong, 1 faults, 2 not readable. What was NOT checked is said in any case.',
    )
    .action(verify);
}

async function verify(file: string, options: VerifyOptions): Promise<void> {
  const progress = progressOn(process.stderr, options.json === true || !process.stderr.isTTY);
  try {
    const keys = trustedKeys(options.key);
    const witness = options.checkpoint === undefined ? null : textOf(options.checkpoint, '--checkpoint');
    const opening = options.privateKeys === undefined ? new Map() : await privateKeys(options.privateKeys);
    const { bytes, size } = sourceOf(file);
    progress.step('verifying');
    const report = await verifyBundle(bytes, { keys, verify: nodeVerify(), witness }, opening, watchOn(progress, size));
    progress.end();
    if (report === null)
      throw new Error('The file holds no line of an evidence bundle: give what `tandem audit export` wrote.');
    const { faults, ...summary } = report;
    for (const fault of faults) console.log(options.json === true ? JSON.stringify(fault) : faultText(fault));
    console.log(options.json === true ? JSON.stringify({ faults: faults.length, ...summary }) : summaryText(report));
    process.exitCode = faults.length === 0 ? 0 : 1;
  } catch (error) {
    progress.end();
    console.error(`Not readable: ${error instanceof Error ? error.message : 'an unknown error'}`);
    process.exitCode = 2;
  }
}

function sourceOf(file: string): { readonly bytes: AsyncIterable<Uint8Array>; readonly size: number | null } {
  if (file === '-') return { bytes: process.stdin, size: null };
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) throw new Error('The export is not a file: check its path.');
  return { bytes: bytesOf(file), size: stat.size };
}

/** Opens the file only when it is read. */
async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file, { highWaterMark: 1024 * 1024 });
}

/** Every 32 MB or so. */
function watchOn(progress: Progress, size: number | null): Watch {
  const step = 32 * 1024 * 1024;
  let next = step;
  return (read) => {
    if (read < next) return;
    next = read + step;
    const megabytes = `${Math.round(read / 1024 / 1024)} MB`;
    progress.count(size === null ? megabytes : `${megabytes}, ${Math.floor((100 * read) / size)} %`);
  };
}
