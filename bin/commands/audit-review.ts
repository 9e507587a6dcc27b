import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { reviewAccess } from '../../functions/domain/access-review.ts';
import { days, type Instant, later } from '../../functions/domain/instant.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import type { ReviewIndex } from '../../functions/ports/nights.ts';
import { accessReviewChart } from '../access-review-chart.ts';
import { accessReviewText } from '../access-review-text.ts';
import { type FindDeployment, instantOption } from '../audit-options.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { type AuditPorts, lookRecord, openAudit } from '../open-audit.ts';
import { clinicOf } from '../open-deployment.ts';
import { chainRecords, type Reading, readingOf, unreadableText } from '../opened-records.ts';
import { progressOn } from '../progress.ts';

interface ReviewOptions extends DeploymentOptions {
  readonly from: string;
  readonly to?: string;
  readonly svg?: string;
  readonly json?: true;
}

/** `tandem audit review`: who used what in a period, and what somebody should look into. */
export function reviewCommand(): Command {
  return withDeploymentOptions(new Command('review'))
    .description('The periodic review of who used what (45 CFR 164.308(a)(1)(ii)(D)), and what to look into.')
    .requiredOption('--from <time>', 'the start of the period, such as 2026-03-01T00:00:00Z')
    .option('--to <time>', 'its end, which is not part of it; default: now')
    .option('--svg <file>', 'also writes a bar chart into this new file')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem audit review --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z --stage production\n' +
        'The thresholds are settings of clinic.yaml (accessReview). That you reviewed is recorded.\n' +
        'Exit codes: 0 done, 1 records could not be read, 2 not possible.',
    )
    .action((options: ReviewOptions) => review(options, () => findDeployment(options.stage)));
}

/** @throws Refused with what to do instead. */
export async function review(options: ReviewOptions, find: FindDeployment): Promise<void> {
  const now = new Date().toISOString();
  const from = instantOption(options.from, '--from') ?? now;
  const to = instantOption(options.to, '--to') ?? now;
  if (from >= to) throw new Refused('--from: write a moment before --to');
  if (options.svg !== undefined && existsSync(options.svg))
    throw new Refused('the file to write is there already: name a new one');
  const clinic = clinicOf(options.clinic);
  const rules = clinic.settings.accessReview;
  const { timeZone } = clinic.settings;
  const ports = openAudit(await find(), clinic);
  await note(ports, { from, to }, now);

  const progress = progressOn(process.stderr, !process.stderr.isTTY);
  progress.step('reading');
  const caseload = new Map<PatientId, string | null>();
  const readings: Reading[] = [];
  for await (const chain of chainsOf(ports.reviewIndex)) {
    readings.push(await readingOf(chainRecords(ports.reader, chain, later(from, -rules.medianDays * days))));
    if (chain.startsWith('p-')) caseload.set(chain, await therapistOf(ports, chain));
    progress.count(`${readings.length} chains`);
  }
  progress.end();
  const records = readings.flatMap((one) => one.records);
  const unreadable = readings.flatMap((one) => one.unreadable);
  const found = reviewAccess({ from, to, records, plan: clinic.escalation, caseload, rules });
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ timeZone, rules, ...found, unreadable: unreadable.length })}\n`
      : accessReviewText(found, rules, timeZone),
  );
  if (options.svg !== undefined) writeFileSync(options.svg, accessReviewChart(found), { flag: 'wx' });
  process.stderr.write(unreadableText(unreadable));
  process.exitCode = unreadable.length === 0 ? 0 : 1;
}

async function note(ports: AuditPorts, period: { from: Instant; to: Instant }, now: Instant): Promise<void> {
  const reason = 'the regular review of activity, 45 CFR 164.308(a)(1)(ii)(D)';
  const look = lookRecord('audit.review', reason, await ports.accessKeyId(), period);
  await ports.journal.note(randomUUID(), { ...look, rules: ports.clinic.hash }, now);
}

/** The system's chains, then everybody's. */
async function* chainsOf(index: ReviewIndex): AsyncGenerator<string> {
  yield* systemChains;
  for (const shard of index.shards) {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ReviewIndex['due']>> = await index.due(shard, null, cursor);
      yield* page.due.map(({ id }) => id);
      cursor = page.cursor;
    } while (cursor !== null);
  }
}

/** Null also where the state cannot be read: its records are told as unreadable. */
async function therapistOf({ patients }: AuditPorts, id: PatientId): Promise<string | null> {
  return (await patients.load(id).catch(() => null))?.state.therapist ?? null;
}
