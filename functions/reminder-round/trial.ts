import type { Clinic } from '../domain/clinic.ts';
import type { ClinicalEvent } from '../domain/event.ts';
import type { Instant } from '../domain/instant.ts';
import type { PatientId } from '../domain/patient.ts';
import type { ReminderRecord } from '../domain/reminder.ts';
import { runningTrial, trialStopRecord, withoutTrial } from '../domain/reminder-trial.ts';
import { estimateOf, isClear } from '../domain/reminder-trial-estimate.ts';
import { addTallies, emptyTally, type TrialTally, tallyOf, trialDecisions } from '../domain/reminder-trial-tally.ts';
import type { ReviewIndex } from '../ports/nights.ts';
import { PatientErased, type Patients } from '../ports/patients.ts';
import type { TrialStops } from '../ports/trial-stops.ts';

export interface TrialPorts {
  readonly patients: Patients;
  /** Names everyone known. */
  readonly reviewIndex: ReviewIndex;
  readonly trialStops: TrialStops;
  readonly clinic: Clinic;
  readonly now: () => Instant;
}

/** The clinic's choices as they hold now: without its trial, where that has ended by itself. */
export async function clinicInForce({
  clinic,
  trialStops,
}: Pick<TrialPorts, 'clinic' | 'trialStops'>): Promise<Clinic> {
  const trial = runningTrial(clinic);
  return trial === null || (await trialStops.stopOf(trial)) === null ? clinic : withoutTrial(clinic);
}

/** `unfinished`: there was no time to look at everyone, so nothing was concluded. */
export type Weighing = 'no-trial' | 'goes-on' | 'stopped' | 'unfinished';

/**
 * Once a day, in the first round of an hour (UTC) at which it is night where Tandem's first clinics are and few reminders are due: the
 * round waits for it.
 */
export function isTimeToWeigh(now: Instant): boolean {
  return /T08:(0\d|1[0-4])/.test(now);
}

/** Patients who are read at once. */
const together = 10;

/**
 * Weighs the trial that runs, and ends it where it has its answer. Its intervals hold at all looks together, so it may be weighed as
 * often as one likes.
 */
export async function weighTrial(ports: TrialPorts, goOn: () => boolean): Promise<Weighing> {
  const { reviewIndex, trialStops } = ports;
  const now = ports.now();
  const clinic = await clinicInForce(ports);
  const trial = runningTrial(clinic);
  if (trial === null) return 'no-trial';
  let tally = emptyTally;
  for (const shard of reviewIndex.shards) {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ReviewIndex['due']>> = await reviewIndex.due(shard, null, cursor);
      for (let first = 0; first < page.due.length; first += together) {
        if (!goOn()) return 'unfinished';
        const some = page.due.slice(first, first + together);
        for (const one of await Promise.all(some.map(({ id }) => tallyOfPatient(ports, id, trial, now))))
          tally = addTallies(tally, one);
      }
      ({ cursor } = page);
    } while (cursor !== null);
  }
  const { verdict } = estimateOf(tally);
  if (!isClear(verdict)) return 'goes-on';
  await trialStops.stop(trial, { at: now, verdict }, trialStopRecord(trial, tally, verdict, clinic.hash));
  return 'stopped';
}

async function tallyOfPatient(
  { patients, clinic }: TrialPorts,
  id: PatientId,
  trial: string,
  now: Instant,
): Promise<TrialTally> {
  const { records, events } = await drawnPatient(patients, id);
  return tallyOf(trialDecisions(trial, records, events, clinic, now));
}

/** A patient's reminders and events, where some trial has drawn about them; else neither. */
export async function drawnPatient(
  patients: Pick<Patients, 'load' | 'history'>,
  id: PatientId,
): Promise<{ readonly records: readonly ReminderRecord[]; readonly events: readonly ClinicalEvent[] }> {
  try {
    const { reminders } = await patients.load(id);
    if (reminders.some(({ trial }) => trial !== undefined))
      return { records: reminders, events: await patients.history(id) };
  } catch (error) {
    if (!(error instanceof PatientErased)) throw error;
  }
  return { records: [], events: [] };
}
