import * as z from 'zod';
import type { AuditEntry } from './audit-chain.ts';
import { canonicalText, sha256OfText } from './canonical.ts';
import type { Clinic } from './clinic.ts';
import type { Instant } from './instant.ts';
import { type ReminderTopic, reminderTopics } from './message-template.ts';
import type { ReminderRecord, TrialDraw } from './reminder.ts';
import type { PlannedReminder } from './reminder-plan.ts';
import type { Verdict } from './reminder-trial-estimate.ts';
import type { TrialTally } from './reminder-trial-tally.ts';

/** Nobody may guess who is held back: a text that a person made up at once is too short. */
const shortestSeed = 16;

/** programme.yaml, `reminders.trial`: a clinic's own randomised trial of its reminders. */
export const trialSchema = z
  .strictObject({
    on: z.boolean().describe('whether reminders are drawn'),
    probability: z
      .number()
      .min(0.1, 'write 0.1 to 0.9: nearer to 0 or 1, nothing can be told')
      .max(0.9, 'write 0.1 to 0.9: nearer to 0 or 1, nothing can be told')
      .describe('how probable it is that a reminder is sent'),
    seed: z.string().max(200, 'write at most 200 characters').describe('what the draws follow from'),
    leaveOut: z.array(z.enum(reminderTopics)).describe('kinds that are always sent'),
  })
  .superRefine(({ on, seed, leaveOut }, context) => {
    const report = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (on && seed.length < shortestSeed)
      report('seed', `write at least ${shortestSeed} characters that nobody can guess: openssl rand -hex 16`);
    if (new Set(leaveOut).size < leaveOut.length) report('leaveOut', 'names a kind twice: keep one');
  });
export type TrialSettings = z.output<typeof trialSchema>;

/** A trial as it concerns one patient. */
export interface Trial {
  readonly name: string;
  readonly probability: number;
  readonly leaveOut: readonly ReminderTopic[];
  /** The same for the same seed, patient and reminder: whoever draws, however often, in whatever order. */
  readonly armOf: (key: string) => TrialDraw['arm'];
}

/** Another seed, probability or choice of kinds is another trial, so nothing is mixed that was not drawn alike. */
export function trialName({ probability, seed, leaveOut }: Omit<TrialSettings, 'on'>): string {
  return `t-${sha256OfText(canonicalText({ probability, seed, leaveOut: leaveOut.toSorted() })).slice(0, 12)}`;
}

/** The trial of these settings for a patient. */
export function trialBy(settings: Omit<TrialSettings, 'on'>, patient: string): Trial {
  const { probability, seed, leaveOut } = settings;
  return {
    name: trialName(settings),
    probability,
    leaveOut,
    armOf: (key) => (share(sha256OfText(canonicalText([seed, patient, key]))) < probability ? 'send' : 'hold'),
  };
}

/** The trial that runs at a clinic, for a patient; null: none does. */
export function trialFor({ programme }: Clinic, patient: string): Trial | null {
  const settings = programme.reminders?.trial;
  return settings?.on ? trialBy(settings, patient) : null;
}

/** The name of the trial that runs at a clinic; null: none does. */
export function runningTrial({ programme }: Clinic): string | null {
  const settings = programme.reminders?.trial;
  return settings?.on ? trialName(settings) : null;
}

/** The same clinic once its trial has stopped: everything is sent again as the plan says. */
export function withoutTrial(clinic: Clinic): Clinic {
  const { reminders } = clinic.programme;
  if (reminders?.trial === undefined) return clinic;
  const trial = { ...reminders.trial, on: false };
  return { ...clinic, programme: { ...clinic.programme, reminders: { ...reminders, trial } } };
}

/**
 * The draw about a reminder that is decided on now; undefined: none. Drawn is only what would be sent at this moment, never what
 * carries the crisis line. What was drawn before, when the channel was busy, stays drawn whatever became of the settings
 * or of the patient: otherwise those who acted meanwhile would leave one arm only.
 */
export function drawFor(
  planned: PlannedReminder,
  records: readonly ReminderRecord[],
  trial: Trial | null,
  now: Instant,
): TrialDraw | undefined {
  const before = records.find(({ key }) => key === planned.key)?.trial;
  if (before !== undefined || trial === null) return before;
  if (planned.outcome !== 'send' || planned.crisisLine || trial.leaveOut.includes(planned.kind)) return undefined;
  const { name, probability, armOf } = trial;
  return { name, probability, arm: armOf(planned.key), at: now };
}

/** What the audit says of a trial that has ended by itself: numbers over all patients. */
export function trialStopRecord(
  trial: string,
  { patients, sent, sentActive, held, heldActive }: TrialTally,
  verdict: Verdict,
  rules: string,
): AuditEntry {
  return {
    action: 'reminder.trial-stop',
    agent: { who: 'tandem', role: 'system' },
    source: 'reminder round',
    part: null,
    outcome: 'success',
    reason: `${verdict} is clear: nothing is held back any more`,
    changed: true,
    rules,
    detail: { trial, patients, sent, sentActive, held, heldActive },
  };
}

/** From 0 to below 1, from the first 48 bits of a hash. */
function share(hex: string): number {
  return Number.parseInt(hex.slice(0, 12), 16) / 2 ** 48;
}
