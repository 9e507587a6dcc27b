import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { expiryBefore } from '../../functions/domain/retention.ts';
import { type Expired, expireAudit } from '../../functions/expire-audit.ts';
import type { FindDeployment } from '../audit-options.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { lookRecord } from '../open-audit.ts';
import { clinicOf } from '../open-deployment.ts';
import { openErasure, orderOf } from '../open-erasure.ts';

interface ExpireOptions extends DeploymentOptions {
  readonly before?: string;
  readonly erase?: true;
}

/** `tandem audit expire`: what was kept for as long as it has to be. */
export function expireCommand(): Command {
  return withDeploymentOptions(new Command('expire'))
    .description(
      'Erases patients whose newest record is older than auditRetentionYears. Without --erase it only says whom.',
    )
    .option('--before <date>', 'only those whose newest record is older than this day, such as 2026-03-02')
    .option('--erase', 'do it: there is no way back')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit expire --stage production; then the same with --erase\n' +
        'Kept in any case: patients under a legal hold, with an open urgent or safety alert, or still enrolled.\n' +
        'Exit codes: 0 done, 1 patients could not be looked at, 2 not possible.',
    )
    .action((options: ExpireOptions) => expire(options, () => findDeployment(options.stage)));
}

/** @throws Refused with what to do instead. */
export async function expire(
  options: ExpireOptions,
  find: FindDeployment,
  now = new Date().toISOString(),
): Promise<void> {
  const clinic = clinicOf(options.clinic);
  const { auditRetentionYears: years, timeZone } = clinic.settings;
  const day = options.before ?? null;
  if (day !== null && !isDay(day)) throw new Refused('write --before as a day such as 2026-03-02');
  const before = expiryBefore(day, now, years, timeZone);
  if (before === null)
    throw new Refused(`--before: that day lies within the ${years} years of auditRetentionYears (clinic.yaml)`);
  const ports = openErasure(await find(), clinic);
  const erase = options.erase === true;
  const reason = `kept for ${years} years (auditRetentionYears), nothing recorded since ${before}`;
  const order = await orderOf(reason, ports.accessKeyId);
  const entry = lookRecord('audit.expire', reason, order.accessKeyId, { before, erase });
  // Before the first key goes, so that a run that is killed is on record too.
  await ports.journal.note(randomUUID(), { ...entry, rules: clinic.hash, changed: erase }, now);
  const found = await expireAudit(ports, before, order, erase, now);
  process.stdout.write(textOf(found, before, erase));
  for (const { id } of found.failures) process.stderr.write(`${id} could not be looked at\n`);
  process.exitCode = found.failures.length === 0 ? 0 : 1;
}

function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)
  );
}

function textOf({ looked, expired, kept }: Expired, before: string, erase: boolean): string {
  return [
    ...expired.map((id) => `${id}  ${erase ? 'erased' : 'would be erased'}`),
    ...kept.map(({ id, why }) => `${id}  kept: ${why}`),
    `${looked} patients looked at; nothing recorded since ${before}: ${expired.length + kept.length}, of them kept: ${kept.length}`,
    ...(erase || expired.length === 0 ? [] : ['Nothing was erased: the same with --erase does it']),
    '',
  ].join('\n');
}
