import { type Alert, type AlertMessage, hasEnded } from './alert.ts';
import type { AuditEntry } from './audit-chain.ts';
import { dateOf, fromEpoch, toEpoch } from './epoch.ts';
import type { EscalationPlan, StaffId } from './escalation-plan.ts';
import type { Instant } from './instant.ts';
import { dayAt } from './local-day.ts';
import type { MorningList, Night } from './night.ts';
import { findPeople } from './on-call.ts';
import type { PatientId } from './patient.ts';
import { nextWorking, stretchesOf, type WorkingHours } from './working-hours.ts';

/** One of a patient's open alerts, as loaded. */
export interface OpenAlert {
  readonly patient: PatientId;
  readonly alert: Alert;
}

/** What one person's morning list is about. Of this only the counts leave. */
export interface PersonsList {
  readonly staff: StaffId;
  /** How many alerts wait for this person's answer. */
  readonly toAnswer: number;
  /** How many patients those are about. */
  readonly patients: number;
  /** How many somebody else has answered meanwhile. */
  readonly answered: number;
  /** The alerts behind it: never merged, each is answered by itself. */
  readonly alerts: readonly OpenAlert[];
  /** The messages that it carries, by their ids. */
  readonly messages: readonly string[];
}

/** Whether the clinic works on this local day: a list of another day waits for one. */
export function isListDay(now: Instant, hours: WorkingHours): boolean {
  return stretchesOf(dayAt(toEpoch(now), hours.timeZone), hours).length > 0;
}

/** Days looked back for the one before; after a longer time without work the older nights are on nobody's list. */
const mostDaysBack = 14;

/** The nights since the last day with a list, this one's first: on a Monday Saturday's and Sunday's, too. */
export function nightsOfList(now: Instant, hours: WorkingHours): Night[] {
  const today = dayAt(toEpoch(now), hours.timeZone);
  const nights: Night[] = [];
  for (let back = 0; back < mostDaysBack; back++) {
    nights.push(dateOf(today - back));
    if (stretchesOf(today - back - 1, hours).length > 0) break;
  }
  return nights;
}

/**
 * A list for each person for whom anything waits, by staff id: what their outboxes hold for it, and what the nights found anew
 * about an alert of which they know already. Alerts without a therapist are on the supervisors' lists.
 * @param open alerts; those that have ended since they were looked for are passed over.
 * @param nights the lists of the nights since the last one.
 */
export function personsLists(
  open: readonly OpenAlert[],
  nights: readonly MorningList[],
  plan: EscalationPlan,
  now: Instant,
): PersonsList[] {
  const entries = open
    .filter(({ alert }) => !hasEnded(alert))
    .flatMap((one): Entry[] => [
      ...one.alert.outbox.filter(({ by }) => by === 'list').map((message) => ({ ...one, to: message.to, message })),
      ...readersOf(one.alert, nights, plan, now).map((to) => ({ ...one, to, message: null })),
    ]);
  return [...new Set(entries.map(({ to }) => to))].toSorted().map((staff) =>
    listOf(
      staff,
      entries.filter(({ to }) => to === staff),
    ),
  );
}

/** An alert on somebody's list. null: no message waits, but a night has found something. */
interface Entry extends OpenAlert {
  readonly to: StaffId;
  readonly message: AlertMessage | null;
}

/** Who is to look again at an alert of the daily list, whose message may have gone out on an earlier day. */
function readersOf(alert: Alert, nights: readonly MorningList[], plan: EscalationPlan, now: Instant): StaffId[] {
  if (alert.tier !== 'list' || alert.status !== 'open') return [];
  // A list is read in working hours: who is there then is who gets it.
  const at = fromEpoch(nextWorking(toEpoch(now), plan.workingHours));
  return nights
    .filter(({ alerts }) => alerts.includes(alert.id))
    .flatMap(({ therapist }) => {
      const own = findPeople(['caseload-owner'], therapist, plan, at).people;
      return own.length > 0 ? own : findPeople(['supervisor'], therapist, plan, at).people;
    });
}

function distinct(ids: readonly string[]): number {
  return new Set(ids).size;
}

function listOf(staff: StaffId, entries: readonly Entry[]): PersonsList {
  const told = entries.filter(({ message }) => message?.kind === 'told');
  const waiting = entries.filter(({ message }) => message?.kind !== 'told');
  return {
    staff,
    toAnswer: distinct(waiting.map(({ alert }) => alert.id)),
    patients: distinct(waiting.map(({ patient }) => patient)),
    answered: distinct(told.map(({ alert }) => alert.id)),
    alerts: [...new Map(entries.map(({ patient, alert }) => [alert.id, { patient, alert }])).values()],
    messages: entries.flatMap(({ message }) => message?.id ?? []),
  };
}

/** The audit record that a list went out: ids of messages and counts. */
export function morningListRecord(
  day: string,
  { staff, toAnswer, patients, answered, messages }: PersonsList,
  rules: string,
): AuditEntry {
  return {
    action: 'alert.list.send',
    agent: { who: 'tandem', role: 'system' },
    source: 'alert',
    part: null,
    outcome: 'success',
    reason: `the morning list of ${day} went to ${staff}`,
    changed: true,
    rules,
    detail: { day, staff, toAnswer, patients, answered, messages },
  };
}
