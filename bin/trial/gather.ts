import type { Clinic } from '../../functions/domain/clinic.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import type { Instant } from '../../functions/domain/instant.ts';
import type { ReminderRecord } from '../../functions/domain/reminder.ts';
import { dryRun } from '../../functions/domain/reminder-dry-run.ts';
import { type TrialSettings, trialBy, trialName } from '../../functions/domain/reminder-trial.ts';
import { drawsOf, trialDecisions } from '../../functions/domain/reminder-trial-tally.ts';
import type { ReviewIndex } from '../../functions/ports/nights.ts';
import type { Patients } from '../../functions/ports/patients.ts';
import { drawnPatient } from '../../functions/reminder-round/trial.ts';
import { TrialWeeks } from './weeks.ts';

/** A trial as gathered. */
export interface Gathered {
  readonly name: string;
  readonly probability: number;
  readonly weeks: TrialWeeks;
}

/** Of every patient of a deployment, one after the other: every trial there was, the newest draw's first. */
export async function gatherDeployed(
  {
    patients,
    reviewIndex,
  }: { readonly patients: Pick<Patients, 'load' | 'history'>; readonly reviewIndex: ReviewIndex },
  clinic: Clinic,
  now: Instant,
  tell: (patients: number) => void,
): Promise<Gathered[]> {
  const trials = new Map<string, Gathered & { newest: Instant }>();
  let known = 0;
  for (const shard of reviewIndex.shards) {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ReviewIndex['due']>> = await reviewIndex.due(shard, null, cursor);
      for (const { id } of page.due) {
        known += 1;
        tell(known);
        const drawn = await drawnPatient(patients, id);
        for (const [name, draws] of Map.groupBy(drawsIn(drawn?.records ?? []), (draw) => draw.name)) {
          const trial = trials.get(name) ?? { name, probability: 0, weeks: new TrialWeeks(), newest: '' };
          addPatient(trial.weeks, name, drawn?.records ?? [], drawn?.events ?? [], clinic, now);
          const [newest] = draws.toSorted((a, b) => (a.at > b.at ? -1 : 1));
          if (newest !== undefined && newest.at > trial.newest)
            trials.set(name, { ...trial, probability: newest.probability, newest: newest.at });
          else trials.set(name, trial);
        }
      }
      ({ cursor } = page);
    } while (cursor !== null);
  }
  return [...trials.values()].toSorted((a, b) => (a.newest > b.newest ? -1 : 1));
}

/** What a trial of these settings could have told from a history: the rounds as a dry run, with its draws. */
export function gatherRehearsed(
  events: readonly ClinicalEvent[],
  settings: Omit<TrialSettings, 'on'>,
  clinic: Clinic,
  until: Instant,
  tell: (patients: number) => void,
): Gathered {
  const name = trialName(settings);
  const weeks = new TrialWeeks();
  let known = 0;
  for (const [patient, history] of Map.groupBy(events, (event) => event.patient)) {
    const run = dryRun(history, clinic, until, trialBy(settings, patient));
    let step = run.next();
    while (!step.done) step = run.next();
    addPatient(weeks, name, step.value, history, clinic, until);
    known += 1;
    tell(known);
  }
  return { name, probability: settings.probability, weeks };
}

function addPatient(
  weeks: TrialWeeks,
  name: string,
  records: readonly ReminderRecord[],
  events: readonly ClinicalEvent[],
  clinic: Clinic,
  now: Instant,
): void {
  const decisions = trialDecisions(name, records, events, clinic, now);
  weeks.add(decisions, drawsOf(name, records).length - decisions.length);
}

function drawsIn(records: readonly ReminderRecord[]) {
  return records.flatMap(({ trial }) => trial ?? []);
}
