import { type Instant, secondsBetween } from '../functions/domain/instant.ts';
import type { NightRun } from '../functions/domain/night.ts';
import type { StageQueue } from './queues.ts';

/** How a stage is doing: counts, times, made-up names. */
export interface StageStatus {
  readonly stage: string;
  /** Hash of the clinic's folder that was looked through. */
  readonly rules: string;
  readonly eventsWaiting: number;
  readonly deadLetters: number;
  /** Each queue in which something waits for a person. */
  readonly deadLetterQueues: readonly Pick<StageQueue, 'name' | 'messages'>[];
  readonly setAside: number;
  readonly night: NightStatus;
  /** null: nothing was sealed so far. */
  readonly sealAgeSeconds: number | null;
  readonly alerts: {
    readonly urgent: number;
    readonly alert: number;
    readonly list: number;
    /** Open for longer than the sweep may take to drive them. */
    readonly overdue: number;
  };
  /** Staff ids whom no e-mail reaches. */
  readonly staffWithoutMail: readonly string[];
}

/** The newest night that must be over, and what is known of it. */
export type NightStatus =
  | { readonly night: string; readonly state: 'none-yet' | 'not-started' | 'not-finished' }
  | {
      readonly night: string;
      readonly state: 'finished';
      readonly due: number;
      readonly assessed: number;
      readonly changed: number;
      readonly setAside: number;
      readonly missed: number;
      readonly finishedAt: Instant;
    };

/** The promise of docs/operations.md; the alarm audit-seal-missing sounds at the same age. */
export const oldestSealSeconds = 600;

/** Two sweeps of alerts. */
export const sweepMilliseconds = 600_000;

/** @param anyBefore whether an earlier night was ever finished: a stage that was deployed today owes no night. */
export function nightStatus(night: string, run: NightRun | undefined, anyBefore: boolean): NightStatus {
  if (run === undefined) return { night, state: anyBefore ? 'not-started' : 'none-yet' };
  if (run.finished === null) return { night, state: 'not-finished' };
  const { due, assessed, changed, setAside, missed, at } = run.finished;
  return { night, state: 'finished', due, assessed, changed, setAside, missed, finishedAt: at };
}

export function secondsSince(then: Instant, now: Instant): number {
  return Math.round(secondsBetween(then, now));
}

/** What CDK names a queue in which something waits for a person, and where docs/operations.md says what to do. */
const headings: readonly (readonly [part: string, heading: string])[] = [
  ['-DoorDeadLetters', '#events-dead-letters'],
  ['-DoorUndelivered', '#events-undelivered'],
  ['-CanaryDeadLetters', '#canary-dead-letters'],
  ['-NightlyScanDeadLetters', '#nightly-scan-dead-letters'],
  ['-WatchdogDeadLetters', '#scan-watchdog-dead-letters'],
  ['-SealDeadLetters', '#audit-seal-dead-letters'],
  ['-ReconcileDeadLetters', '#audit-reconcile-dead-letters'],
  ['-ReminderRoundDeadLetters', '#reminder-round-dead-letters'],
  ['-AlertSweepDeadLetters', '#alert-sweep-dead-letters'],
  ['-TherapistAlertDeadLetters', '#alert-driver-dead-letters'],
];

/** The heading of docs/operations.md for a queue of dead letters; undefined where it has none. */
export function headingOf(queue: string): string | undefined {
  return headings.find(([part]) => queue.includes(part))?.[1];
}

/** What somebody has to look at, each in one line with where to read on. Empty: nothing waits for a person. */
export function findings(status: StageStatus): string[] {
  const { deadLetterQueues, setAside, night, sealAgeSeconds, alerts, staffWithoutMail } = status;
  const found = deadLetterQueues.map(({ name }) => `dead letters: docs/operations.md${headingOf(name) ?? ''}`);
  if (setAside > 0) found.push('set aside: npx tandem events set-aside (docs/operations.md#events-set-aside)');
  if (night.state === 'not-started' || night.state === 'not-finished')
    found.push('last night: docs/operations.md#nightly-scan');
  if (night.state === 'finished' && night.missed > 0) found.push('patients missed: docs/operations.md#nightly-scan');
  if (night.state === 'finished' && night.setAside > 0)
    found.push('patients set aside: docs/operations.md#patients-set-aside');
  if (sealAgeSeconds !== null && sealAgeSeconds > oldestSealSeconds)
    found.push('no new seal: docs/operations.md#audit-seal-missing');
  if (alerts.overdue > 0)
    found.push('alerts past their deadline: npx tandem alerts list (docs/operations.md#alert-sweep-silent)');
  if (staffWithoutMail.length > 0)
    found.push('staff without mail: npx tandem staff list (docs/operations.md#staff-without-mail)');
  return found;
}

/** The same for a person, and how to see which alarms sound. */
export function inWords(status: StageStatus): string {
  const { stage, rules, alerts } = status;
  const found = findings(status);
  return [
    `stage ${stage}, rules ${rules}`,
    `events waiting in the queue: ${status.eventsWaiting}`,
    `dead letters: ${status.deadLetters}`,
    ...status.deadLetterQueues.map(({ name, messages }) => `  ${name}: ${messages}`),
    `set aside: ${status.setAside}`,
    `last night: ${nightInWords(status.night)}`,
    `newest seal: ${status.sealAgeSeconds === null ? 'none yet' : `${status.sealAgeSeconds} seconds old`}`,
    `open alerts: ${alerts.urgent} urgent, ${alerts.alert} for the same day, ${alerts.list} on the list; ${alerts.overdue} past their deadline`,
    `staff without mail: ${status.staffWithoutMail.join(', ') || 'nobody'}`,
    found.length === 0 ? 'nothing waits for a person' : 'for a person:',
    ...found.map((line) => `  ${line}`),
    'which alarms sound:',
    `  aws cloudwatch describe-alarms --alarm-name-prefix "Tandem-${stage}-" --state-value ALARM --query 'MetricAlarms[].AlarmName' --output text`,
    '',
  ].join('\n');
}

function nightInWords(night: NightStatus): string {
  if (night.state !== 'finished') return unfinishedInWords[night.state](night.night);
  const { due, assessed, changed, setAside, missed, finishedAt } = night;
  return `${night.night}: ${due} due, ${assessed} assessed, ${changed} changed, ${setAside} set aside, ${missed} missed, finished ${finishedAt}`;
}

const unfinishedInWords = {
  'none-yet': () => 'none so far',
  'not-started': (night: string) => `${night} did not start`,
  'not-finished': (night: string) => `${night} started and did not finish`,
} as const;
