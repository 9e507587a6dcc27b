import { SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { snsClient } from '../../functions/adapters/clients.ts';
import { exportPorts } from '../../functions/adapters/compose.ts';
import { subscribed } from '../../functions/adapters/sns/alert-mail.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { tiers } from '../../functions/domain/escalation-plan.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import { newestNightDue } from '../../functions/domain/night.ts';
import { checkpointOf } from '../../functions/domain/seal.ts';
import type { AlertIndex } from '../../functions/ports/alert-index.ts';
import type { Nights } from '../../functions/ports/nights.ts';
import { graceMilliseconds } from '../../functions/scan-watchdog/watchdog.ts';
import type { FindDeployment } from '../audit-options.ts';
import {
  type DeploymentOptions,
  findDeployment,
  functionEnvironment,
  Refused,
  withDeploymentOptions,
} from '../deployment.ts';
import { openDeployment } from '../open-deployment.ts';
import { queuesOf } from '../queues.ts';
import {
  findings,
  inWords,
  type NightStatus,
  nightStatus,
  type StageStatus,
  secondsSince,
  sweepMilliseconds,
} from '../stage-status.ts';

interface StatusOptions extends DeploymentOptions {
  readonly json?: true;
}

export function statusCommand(): Command {
  return withDeploymentOptions(new Command('status'))
    .description(
      'how a deployment is doing: last night, open alerts, seals, queues and dead letters, staff without mail',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample: npx tandem status --stage production\nExit codes: 0 nothing waits for a person, 1 something does, 2 not possible.',
    )
    .action((options: StatusOptions) => showStatus(options, () => findDeployment(options.stage)));
}

/** @throws Refused with what to do instead. */
export async function showStatus(options: StatusOptions, find: FindDeployment): Promise<void> {
  const status = await statusOf(options, find, new Date().toISOString());
  process.stdout.write(options.json === true ? `${JSON.stringify(status)}\n` : inWords(status));
  process.exitCode = findings(status).length > 0 ? 1 : 0;
}

async function statusOf(
  { stage, clinic: folder }: DeploymentOptions,
  find: FindDeployment,
  now: Instant,
): Promise<StageStatus> {
  const { deployment, setAsides, nights, alertIndex, clinic } = await openDeployment(stage, folder, find);
  const { store } = exportPorts(functionEnvironment(deployment));
  const [queues, setAside, night, head, alerts, staffWithoutMail] = await Promise.all([
    queuesOf(new SQSClient({}), stage),
    setAsides.list(),
    lastNight(nights, clinic, now),
    store.head(),
    openAlerts(alertIndex, now),
    unreachable(clinic, deployment.outputs['StaffTopicPrefix']),
  ]);
  const deadLetterQueues = queues.filter(({ waitsForPerson, messages }) => waitsForPerson && messages > 0);
  return {
    stage,
    rules: clinic.hash,
    eventsWaiting: queues.find(({ url }) => url === deployment.outputs['EventsQueueUrl'])?.messages ?? 0,
    deadLetters: deadLetterQueues.reduce((sum, { messages }) => sum + messages, 0),
    deadLetterQueues: deadLetterQueues.map(({ name, messages }) => ({ name, messages })),
    setAside: setAside.length,
    night,
    sealAgeSeconds: head === null ? null : secondsSince(checkpointOf(head).period.end, now),
    alerts,
    staffWithoutMail,
  };
}

/** What is known of the newest night that must be over. */
export async function lastNight(
  nights: Pick<Nights, 'load' | 'lastFinishedBefore'>,
  { settings }: Pick<Clinic, 'settings'>,
  now: Instant,
): Promise<NightStatus> {
  const night = newestNightDue(now, settings.timeZone, settings.deployment.nightlyScanAt, graceMilliseconds);
  const run = await nights.load(night);
  const before = run === undefined ? await nights.lastFinishedBefore(night) : undefined;
  return nightStatus(night, run, before !== undefined);
}

/** How many alerts are open, and how many of them nobody has driven though they were due. Opens no patient's record. */
export async function openAlerts(index: Pick<AlertIndex, 'due'>, now: Instant): Promise<StageStatus['alerts']> {
  const counts = { urgent: 0, alert: 0, list: 0, overdue: 0 };
  const driven = later(now, -sweepMilliseconds);
  for (const tier of tiers) {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<AlertIndex['due']>> = await index.due(tier, null, cursor);
      counts[tier] += page.places.length;
      counts.overdue += page.places.filter(({ dueAt }) => dueAt < driven).length;
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return counts;
}

async function unreachable({ escalation }: Clinic, prefix: string | undefined): Promise<string[]> {
  if (prefix === undefined) throw new Refused('the stack of alerts names no topics: deploy it again');
  const found = await Promise.all(
    escalation.staff.map(async ({ id, email }) => ({ id, mail: await subscribed(snsClient(), prefix, id, email) })),
  );
  return found.filter(({ mail }) => mail !== 'confirmed').map(({ id }) => id);
}
