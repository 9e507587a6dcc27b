import { Temporal } from 'temporal-polyfill';
import { epochMilliseconds, type Instant, later, localDate, secondsBetween } from './instant.ts';
import type { PatientId } from './patient.ts';

/** A night's scan is named by the clinic's local date on which it starts, such as "2026-03-08". */
export type Night = string;

/** One patient in the account of a night: ids and yes or no, nothing that describes anybody. */
export interface NightLine {
  readonly night: Night;
  readonly patient: PatientId;
  readonly outcome: 'assessed' | 'set-aside';
  /** Whether an assessment says something new. */
  readonly changed: boolean;
  /** Staff id; null: nobody yet, so it goes on the supervisor's list. */
  readonly therapist: string | null;
  /** Alerts that were opened or raised this night. */
  readonly alerts: readonly string[];
}

/** The account of a night's scan. */
export interface NightRun {
  readonly night: Night;
  /** Clinic.hash: a night under other rules than the last looks at everyone. */
  readonly rules: string;
  readonly startedAt: Instant;
  /** Patients are due whose review lies at or before this moment; null: everyone. */
  readonly until: Instant | null;
  readonly finished: NightResult | null;
}

export interface NightResult {
  readonly at: Instant;
  readonly due: number;
  readonly assessed: number;
  readonly changed: number;
  readonly setAside: number;
  /** Due, and neither assessed nor set aside: 0, or the scan has failed somebody. */
  readonly missed: number;
  /** In seconds, from the first start to the end. */
  readonly seconds: number;
}

/** What a therapist finds in the morning: ids of alerts, and how many patients they are about. */
export interface MorningList {
  readonly night: Night;
  readonly therapist: string | null;
  readonly patients: number;
  readonly alerts: readonly string[];
}

/** The clinic's local date at this moment: the name of a night that starts now. */
export function nightAt(now: Instant, timeZone: string): Night {
  return localDate(now, timeZone);
}

/**
 * The newest night that must be over by now. A night is looked for by its local date, never by a difference of times, so
 * that a change of the clocks neither raises nor hides an alarm.
 * @param scanAt when the scan starts, local, such as "02:00".
 * @param graceMilliseconds how long a scan may take.
 */
export function newestNightDue(now: Instant, timeZone: string, scanAt: string, graceMilliseconds: number): Night {
  const then = Temporal.Instant.from(now).subtract({ milliseconds: graceMilliseconds }).toZonedDateTimeISO(timeZone);
  const today = then.toPlainDate();
  // "compatible": a start that does not exist that night is moved forward by the gap, one that comes twice is the first.
  const start = today.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(scanAt) });
  const started = Temporal.ZonedDateTime.compare(start, then) <= 0;
  return (started ? today : today.subtract({ days: 1 })).toString();
}

/** The account of a night from its lines. `left` are the patients still due who have no line. */
export function closeNight(run: NightRun, lines: readonly NightLine[], left: number, at: Instant): NightResult {
  const assessed = lines.filter(({ outcome }) => outcome === 'assessed').length;
  return {
    at,
    due: lines.length + left,
    assessed,
    changed: lines.filter(({ changed }) => changed).length,
    setAside: lines.length - assessed,
    missed: left,
    seconds: Math.round(secondsBetween(run.startedAt, at)),
  };
}

/** By then, on the clinic's clock, the night's lists are wanted. */
const morning = Temporal.PlainTime.from('06:00');

/** Whether a night ended after the first 06:00 that followed its start. */
export function endedLate({ at, seconds }: Pick<NightResult, 'at' | 'seconds'>, timeZone: string): boolean {
  const started = Temporal.Instant.from(later(at, -seconds * 1000)).toZonedDateTimeISO(timeZone);
  const sameDay = started.withPlainTime(morning);
  const isPast = Temporal.ZonedDateTime.compare(sameDay, started) <= 0;
  const wantedBy = isPast ? started.add({ days: 1 }).withPlainTime(morning) : sameDay;
  return epochMilliseconds(at) > wantedBy.epochMilliseconds;
}

/** What a night's account leaves to be alarmed about; null: everybody is accounted for. In words, with counts only. */
export function shortfallOf(night: Night, run: NightRun | undefined, left: number): string | null {
  if (run === undefined) return `The scan of ${night} did not start.`;
  if (run.finished === null) return `The scan of ${night} started and did not finish; ${left} patients are still due.`;
  const { missed, setAside } = run.finished;
  if (missed > 0 && left > 0) return `The scan of ${night} missed ${left} patients who were due.`;
  if (left > 0) return `${left} patients were due before the scan of ${night} and are in no line of its account.`;
  if (setAside > 0)
    return `The scan of ${night} set ${setAside} patients aside whose records it could not read or decide on.`;
  return null;
}

/** One list for each therapist who has anything on it, by staff id; patients without a therapist come last. */
export function morningLists(night: Night, lines: readonly NightLine[]): MorningList[] {
  const byTherapist = new Map<string | null, NightLine[]>();
  for (const line of lines)
    if (line.alerts.length > 0) byTherapist.set(line.therapist, [...(byTherapist.get(line.therapist) ?? []), line]);
  return [...byTherapist]
    .toSorted(([a], [b]) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
    .map(([therapist, theirs]) => ({
      night,
      therapist,
      patients: theirs.length,
      alerts: theirs.flatMap(({ alerts }) => alerts).toSorted(),
    }));
}
