import type { AccessReviewRules } from './access-review-rules.ts';
import type { AuditRecord, ChainId } from './audit-chain.ts';
import { isOfPatient } from './audit-record.ts';
import { emergencyAccess } from './emergency-access.ts';
import { dayNumber, toEpoch } from './epoch.ts';
import type { EscalationPlan, StaffId } from './escalation-plan.ts';
import { hours, type Instant, localDate } from './instant.ts';
import { standInFor } from './on-call.ts';
import { isWorking, type WorkingHours } from './working-hours.ts';

/**
 * Whether a person did something outside the clinic's working hours. What is urgent is answered at any
 * hour: it is no sign. What was refused has a list of its own.
 */
export function isOutsideHours({ recordedAt, outcome, detail }: AuditRecord, working: WorkingHours): boolean {
  return outcome === 'success' && detail['tier'] !== 'urgent' && !isWorking(toEpoch(recordedAt), working);
}

/**
 * Whether somebody who is a therapist and nothing more looked at a patient who now is another's, and whom they did not stand in
 * for at that moment. Supervisors and clinical leads see everybody; emergency access has a list of its own.
 */
export function isOutsideCaseload(
  { action, agent, chain, outcome, recordedAt }: AuditRecord,
  caseload: ReadonlyMap<ChainId, StaffId | null>,
  plan: EscalationPlan,
): boolean {
  if (agent.role !== 'therapist' || outcome !== 'success' || action === emergencyAccess) return false;
  const therapist = caseload.get(chain);
  if (therapist === undefined || therapist === agent.who) return false;
  return therapist === null || standInFor(therapist, plan, recordedAt) !== agent.who;
}

/** More patients within an hour than the rules expect. */
export interface BusyHour {
  readonly who: string;
  readonly role: string;
  /** When the last of them was looked at. */
  readonly at: Instant;
  readonly patients: number;
}

/** @param records people's, in the order of time. An hour that was found begins anew: one rush is told once. */
export function manyPatients(records: readonly AuditRecord[], most: number): BusyHour[] {
  const recent = new Map<string, AuditRecord[]>();
  const found: BusyHour[] = [];
  for (const record of records.filter(isOfPatient)) {
    const { who, role } = record.agent;
    const at = toEpoch(record.recordedAt);
    const hour = [...(recent.get(who) ?? []), record].filter(({ recordedAt }) => at - toEpoch(recordedAt) < hours);
    const patients = new Set(hour.map(({ chain }) => chain)).size;
    if (patients > most) found.push({ who, role, at: record.recordedAt, patients });
    recent.set(who, patients > most ? [] : hour);
  }
  return found;
}

/** A day on which somebody did far more than they usually do. */
export interface BusyDay {
  readonly who: string;
  /** By the clinic's calendar. */
  readonly date: string;
  readonly records: number;
  /** Of the days before it on which this person did anything. */
  readonly median: number;
}

/** @param records people's, in the order of time, from before the period, too. */
export function aboveOwnMedian(
  records: readonly AuditRecord[],
  from: Instant,
  to: Instant,
  timeZone: string,
  { timesOwnMedian, fewestInADay, medianDays }: AccessReviewRules,
): { readonly days: readonly BusyDay[]; readonly notCompared: readonly string[] } {
  const first = dayNumber(localDate(from, timeZone));
  const days: BusyDay[] = [];
  const notCompared: string[] = [];
  const inPeriod = records.filter(({ recordedAt }) => recordedAt < to);
  for (const [who, theirs] of Map.groupBy(inPeriod, ({ agent }) => agent.who)) {
    const byDate = [...Map.groupBy(theirs, ({ recordedAt }) => localDate(recordedAt, timeZone))].map(
      ([date, ofDay]) => ({ date, day: dayNumber(date), records: ofDay.length }),
    );
    const earlier = byDate.filter(({ day }) => day < first);
    if (earlier.length === 0) notCompared.push(who);
    for (const { date, day, records: count } of byDate) {
      const before = byDate.filter((one) => one.day < day && one.day >= day - medianDays);
      if (day < first || before.length === 0 || count < fewestInADay) continue;
      const median = medianOf(before.map((one) => one.records));
      if (count > timesOwnMedian * median) days.push({ who, date, records: count, median });
    }
  }
  return { days: days.toSorted((a, b) => (a.date < b.date ? -1 : 1)), notCompared };
}

/** The middle one, or the mean of the middle two. @param counts at least one. */
function medianOf(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, one) => sum + one, 0) / middle.length;
}
