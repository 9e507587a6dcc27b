import type { Instant } from './instant.ts';
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

/** The account of a night from its lines. `left` are the patients still due who have no line. */
export function closeNight(
  lines: readonly NightLine[],
  left: number,
  startedAtMs: number,
  at: Instant,
  atMs: number,
): NightResult {
  const assessed = lines.filter(({ outcome }) => outcome === 'assessed').length;
  return {
    at,
    due: lines.length + left,
    assessed,
    changed: lines.filter(({ changed }) => changed).length,
    setAside: lines.length - assessed,
    missed: left,
    seconds: Math.round((atMs - startedAtMs) / 1000),
  };
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
