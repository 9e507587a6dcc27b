import { Temporal } from 'temporal-polyfill';
import { dayNumber, fromEpoch, toEpoch } from './epoch.ts';
import {
  type Absence,
  compilePlan,
  type EscalationFile,
  type EscalationPlan,
  roles,
  type StaffId,
  stretchOf,
  tiers,
} from './escalation-plan.ts';
import type { Instant } from './instant.ts';
import { dayAt, startOfDay } from './local-day.ts';
import { findPeople, staffWith } from './on-call.ts';
import { isWorking, stretchesOf, weekdays } from './working-hours.ts';

/** Absences out of iCalendar files by staff id; null where the file has faults of its own. */
export type Calendars = { readonly [staff: StaffId]: readonly Pick<Absence, 'from' | 'until'>[] | null };

export interface EscalationFault {
  /** Within escalation.yaml. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with a plan that is valid line by line: names nobody has, and moments at which a step would find nobody. */
export function escalationFaults(
  file: EscalationFile,
  calendars: Calendars,
  settings: { readonly timeZone: string; readonly supervisor: StaffId },
): EscalationFault[] {
  const faults = [
    ...staffFaults(file),
    ...roleFaults(file, settings.supervisor),
    ...absenceFaults(file, settings.timeZone),
  ];
  // Who can be reached cannot be told while the names are wrong.
  return faults.length > 0 ? faults : reachFaults(file, calendars, settings.timeZone);
}

function staffFaults({ staff, absences }: EscalationFile): EscalationFault[] {
  const isKnown = (id: StaffId) => staff.some((one) => one.id === id);
  const unknown = (path: EscalationFault['path'], key: string, id: StaffId | undefined): EscalationFault[] =>
    id === undefined || isKnown(id)
      ? []
      : [
          {
            path: [...path, key],
            message: `${key}: ${id} is not on the staff list: add this person, or write another`,
          },
        ];
  return [
    ...staff.flatMap(({ id, cover }, index): EscalationFault[] => {
      const path = ['staff', index];
      const isTwice = staff.findIndex((one) => one.id === id) < index;
      return [
        ...(isTwice ? [{ path: [...path, 'id'], message: `id: ${id} is listed twice: keep one` }] : []),
        ...(cover === id ? [{ path: [...path, 'cover'], message: 'cover: write somebody else, or leave it out' }] : []),
        ...unknown(path, 'cover', cover),
      ];
    }),
    ...absences.flatMap(({ staff: id, cover }, index) => [
      ...unknown(['absences', index], 'staff', id),
      ...unknown(['absences', index], 'cover', cover),
    ]),
  ];
}

/** Every record names those who are told, and a record has a largest size. */
const mostWithOneRole = 20;

function roleFaults(file: EscalationFile, supervisor: StaffId): EscalationFault[] {
  const withRole = (role: string) => file.staff.filter((one) => one.roles.some((theirs) => theirs === role));
  const needed = new Set<string>([
    'supervisor',
    'operator',
    ...tiers.flatMap((tier) => file.tiers[tier].steps.flatMap(({ notify }) => notify)),
  ]);
  return [
    ...roles
      .filter((role) => needed.has(role) && withRole(role).length === 0)
      .map((role) => aboutStaff(`nobody has the role ${role}, whom alerts go to in the end: add somebody`)),
    ...roles
      .filter((role) => role !== 'therapist' && withRole(role).length > mostWithOneRole)
      .map((role) =>
        aboutStaff(`more than ${mostWithOneRole} people have the role ${role}: keep it to those who answer`),
      ),
    ...(withRole('supervisor').some(({ id }) => id === supervisor)
      ? []
      : [
          aboutStaff(
            `${supervisor}, the supervisor of clinic.yaml, is not listed with the role supervisor: add it, or change clinic.yaml`,
          ),
        ]),
  ];
}

function aboutStaff(message: string): EscalationFault {
  return { path: ['staff'], message: `staff: ${message}` };
}

function absenceFaults({ absences }: EscalationFile, timeZone: string): EscalationFault[] {
  return absences.flatMap(({ from, to }, index) => {
    const stretch = stretchOf(from, to, timeZone);
    return stretch.from < stretch.until
      ? []
      : [{ path: ['absences', index, 'to'], message: 'to: does not come after from: write a later day or moment' }];
  });
}

/**
 * Looks for a moment at which a step that can be taken then finds nobody. Who is there depends on whether the clinic works and
 * on who is away: so an ordinary week is looked at once, and then every absence, at each moment at which anything changes.
 */
function reachFaults(file: EscalationFile, calendars: Calendars, timeZone: string): EscalationFault[] {
  const known = Object.fromEntries(Object.entries(calendars).map(([id, absences]) => [id, absences ?? []]));
  const plan = compilePlan(file, known, timeZone);
  const weekly = weekFaults({ ...plan, absences: [] });
  if (weekly.length > 0) return weekly;
  return [
    ...file.absences.flatMap(({ staff, from, to }, index) =>
      gapDuring(plan, staff, stretchOf(from, to, timeZone)).map((gap) => ({
        path: ['absences', index, 'staff'],
        message: `staff: ${inWords(gap, plan)}`,
      })),
    ),
    ...file.staff.flatMap(({ id }, index) =>
      (known[id] ?? [])
        .flatMap((absence) => gapDuring(plan, id, absence))
        .slice(0, 1)
        .map((gap) => ({ path: ['staff', index, 'calendar'], message: `calendar: ${inWords(gap, plan)}` })),
    ),
  ];
}

/** A step that finds nobody. */
interface Gap {
  readonly at: Instant;
  readonly tier: (typeof tiers)[number];
  readonly step: number;
  readonly notify: readonly string[];
  /** Whose patient the step is about; null: it does not matter. */
  readonly therapist: StaffId | null;
}

/** A week without a holiday or a change of the clock anywhere. */
const ordinaryWeek = dayNumber('2001-01-01');

function weekFaults(plan: EscalationPlan): EscalationFault[] {
  const days = weekdays.map((_, day) => ordinaryWeek + day);
  const gaps = days
    .flatMap((day) => momentsOf(day, plan))
    .flatMap((at) => gapsAt(plan, staffWith('therapist', plan), at));
  const faults = gaps.map((gap) => {
    const { tier, step, therapist } = gap;
    const index = plan.staff.findIndex(({ id }) => id === therapist);
    return index < 0
      ? { path: ['tiers', tier, 'steps', step, 'notify'], message: `notify: ${inWords(gap, plan)}` }
      : { path: ['staff', index, 'id'], message: `id: ${inWords(gap, plan)}` };
  });
  // The first moment says it for all the others.
  return [...new Map(faults.toReversed().map((fault) => [fault.path.join('.'), fault])).values()].toReversed();
}

/** The first gap of an absence, if there is one. */
function gapDuring(plan: EscalationPlan, absent: StaffId, { from, until }: Pick<Absence, 'from' | 'until'>): Gap[] {
  const { timeZone } = plan.workingHours;
  const first = dayAt(toEpoch(from), timeZone);
  const count = dayAt(toEpoch(until) - 1, timeZone) - first + 1;
  const daily = Array.from({ length: count }, (_, day) => momentsOf(first + day, plan)).flat();
  const changes = plan.absences.flatMap((one) => [one.from, one.until]);
  const moments = new Set([from, ...daily, ...changes].filter((at) => from <= at && at < until));
  const therapists = staffWith('therapist', plan).filter((id) => dependsOn(plan, id, absent));
  return [...moments]
    .toSorted()
    .flatMap((at) => gapsAt(plan, therapists, at))
    .slice(0, 1);
}

/** The steps that can be taken at this moment and find nobody, for the patients of these therapists. */
function gapsAt(plan: EscalationPlan, therapists: readonly StaffId[], at: Instant): Gap[] {
  return tiers
    .filter((tier) => canStart(plan, tier, at))
    .flatMap((tier) =>
      plan.tiers[tier].steps.flatMap(({ notify }, step) =>
        (notify.includes('caseload-owner') ? therapists : [null])
          .filter((therapist) => findPeople(notify, therapist, plan, at).people.length === 0)
          .map((therapist) => ({ at, tier, step, notify, therapist })),
      ),
    );
}

/** Whether a step of the tier can ask somebody at this moment: a held one waits, and a list is read in working hours. */
function canStart(plan: EscalationPlan, tier: (typeof tiers)[number], at: Instant): boolean {
  const waits = plan.tiers[tier].hold || tier === 'list';
  return !waits || isWorking(toEpoch(at), plan.workingHours);
}

/** Whether an absence of one person can leave the patients of another without anybody: that person stands in somewhere. */
function dependsOn(plan: EscalationPlan, id: StaffId, absent: StaffId, asked: readonly StaffId[] = []): boolean {
  if (id === absent) return true;
  if (asked.includes(id)) return false;
  const always = plan.staff.filter((one) => one.id === id).map(({ cover }) => cover);
  const sometimes = plan.absences.filter(({ staff }) => staff === id).map(({ cover }) => cover);
  return [...always, ...sometimes].some((cover) => cover !== null && dependsOn(plan, cover, absent, [...asked, id]));
}

/** The moments of a local day at which the clinic starts or ends, its midnight included. */
function momentsOf(day: number, { workingHours }: EscalationPlan): Instant[] {
  const bounds = stretchesOf(day, workingHours).flatMap(({ from, until }) => [from, until]);
  return [...new Set([startOfDay(day, workingHours.timeZone), ...bounds])].map(fromEpoch);
}

function inWords({ at, tier, step, notify, therapist }: Gap, plan: EscalationPlan): string {
  const { timeZone } = plan.workingHours;
  const moment = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  const day = dayAt(toEpoch(at), timeZone) - ordinaryWeek;
  const when = weekdays[day] === undefined ? moment.toPlainDate().toString() : `a ${weekdays[day]}`;
  const time = moment.toPlainTime().toString({ smallestUnit: 'minute' });
  const whom = therapist ?? notify.join(', ');
  return `on ${when} at ${time} step ${step + 1} of ${tier} finds nobody for ${whom}: name a cover who is there, or reachable: always`;
}
