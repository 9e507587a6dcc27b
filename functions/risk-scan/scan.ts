import type { Clinic } from '../domain/clinic.ts';
import { decideReview, reviewNeedsHistory } from '../domain/decide-review.ts';
import type { Instant } from '../domain/instant.ts';
import { closeNight, morningLists, type Night, type NightResult, type NightRun, nightAt } from '../domain/night.ts';
import type { PatientId } from '../domain/patient.ts';
import { loadDecideCommit, type Pause } from '../load-decide-commit.ts';
import type { Nights, ReviewIndex } from '../ports/nights.ts';
import { Conflict, PatientErased, type Patients } from '../ports/patients.ts';

export interface ScanPorts {
  readonly patients: Patients;
  readonly nights: Nights;
  readonly reviewIndex: ReviewIndex;
  readonly clinic: Clinic;
  readonly pause: Pause;
  readonly now: () => Instant;
  /** Whether an error may be gone at the next try: the whole page is then tried again, and nobody is set aside for it. */
  readonly mayPass: (error: unknown) => boolean;
}

/** What the workflow carries from step to step: ids, times and counts. */
export interface OpenedNight {
  readonly night: Night;
  readonly until: Instant | null;
  /** Whether this night was accounted for already: there is nothing to do. */
  readonly done: boolean;
  readonly shards: readonly number[];
}

/**
 * Begins tonight's account, or joins in one that was begun: a scan started twice, or again after a crash, does nothing twice.
 * A night under other rules than the last looks at everyone, since any level may have changed.
 */
export async function openNight({ nights, reviewIndex, clinic, now }: ScanPorts): Promise<OpenedNight> {
  const startedAt = now();
  const night = nightAt(startedAt, clinic.settings.timeZone);
  const last = await nights.lastFinishedBefore(night);
  const until = last?.rules === clinic.hash ? startedAt : null;
  const run = await nights.open({ night, rules: clinic.hash, startedAt, until, finished: null });
  return { night, until: run.until, done: run.finished?.missed === 0, shards: reviewIndex.shards };
}

/** Patients looked at together: enough to keep the tables busy, few enough for one function. */
const together = 10;

export interface Page {
  readonly night: Night;
  readonly until: Instant | null;
  readonly shard: number;
  /** null: from the start of the shard. */
  readonly cursor: string | null;
}

/**
 * Looks at everyone due of a shard until none is left, or `goOn` says stop; the answer's cursor is where to go on, null at
 * the end. One bad record is set aside and does not stop the others.
 */
export async function scanShard(ports: ScanPorts, page: Page, goOn: () => boolean): Promise<Page> {
  let { cursor } = page;
  do {
    const found = await ports.reviewIndex.due(page.shard, page.until, cursor);
    for (let first = 0; first < found.due.length; first += together)
      await Promise.all(found.due.slice(first, first + together).map(({ id }) => lookAt(ports, page, id)));
    cursor = found.cursor;
  } while (cursor !== null && goOn());
  return { ...page, cursor };
}

async function lookAt(ports: ScanPorts, { night, until }: Page, id: PatientId): Promise<void> {
  const { patients, clinic, now } = ports;
  try {
    await loadDecideCommit(
      patients,
      id,
      async (patient) => {
        const history = reviewNeedsHistory(patient, clinic) ? await patients.history(id) : null;
        return decideReview(patient, night, until, history, clinic, now());
      },
      ports.pause,
    );
  } catch (error) {
    // Lost to others every time: still due, so that the next start or the watchdog sees it.
    if (error instanceof Conflict) return;
    // Erased since the index named them: nobody is missed.
    if (error instanceof PatientErased) return;
    if (ports.mayPass(error)) throw error;
    const reason = error instanceof Error ? error.name : 'unknown error';
    const line = { night, patient: id, outcome: 'set-aside' as const, changed: false, therapist: null, alerts: [] };
    await ports.nights.setAside(line, reason, now());
  }
}

/** Ends the account: counts its lines, and whoever is still due without one. */
export async function closeOpenNight(ports: ScanPorts, night: Night): Promise<NightResult> {
  const run = await ports.nights.load(night);
  if (run === undefined)
    throw new Error(`the scan of ${night} was never opened: start the workflow from its first step`);
  const lines = await ports.nights.lines(night);
  const accounted = new Set(lines.map(({ patient }) => patient));
  const left = await stillDue(ports, run, accounted, ports.now());
  const result = closeNight(run, lines, left, ports.now());
  await ports.nights.close(run, result, morningLists(night, lines));
  return result;
}

/** Whose review came due since the night began had an event meanwhile: theirs is the next night. */
function belongsToNight({ startedAt }: NightRun, reviewAt: Instant | null, now: Instant): boolean {
  return reviewAt === null || reviewAt <= startedAt || reviewAt > now;
}

/** How many this night had to look at and has no line for in its account. */
export async function stillDue(
  ports: Pick<ScanPorts, 'reviewIndex'>,
  run: NightRun,
  accounted: ReadonlySet<PatientId>,
  now: Instant,
): Promise<number> {
  let left = 0;
  for (const shard of ports.reviewIndex.shards) {
    let cursor: string | null = null;
    do {
      const page = await ports.reviewIndex.due(shard, run.until, cursor);
      for (const { id, reviewAt } of page.due) if (!accounted.has(id) && belongsToNight(run, reviewAt, now)) left += 1;
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return left;
}
