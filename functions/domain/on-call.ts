import { toEpoch } from './epoch.ts';
import { type Addressee, absencesAt, type EscalationPlan, type StaffId } from './escalation-plan.ts';
import type { Instant } from './instant.ts';
import { isWorking } from './working-hours.ts';

/** Who can be asked, and why the others cannot. */
export interface Found {
  /** Each once, in the order of the plan. */
  readonly people: readonly StaffId[];
  /** In words, with staff ids and roles. */
  readonly missing: readonly string[];
}

/** Whom a step asks at this moment. It is looked up at every step anew: therapists change, and people go on leave. */
export function findPeople(
  notify: readonly Addressee[],
  therapist: StaffId | null,
  plan: EscalationPlan,
  at: Instant,
): Found {
  const found = notify.map((addressee) =>
    addressee === 'caseload-owner' ? findOwner(therapist, plan, at) : findRole(addressee, plan, at),
  );
  return {
    people: [...new Set(found.flatMap(({ people }) => people))],
    missing: found.flatMap(({ missing }) => missing),
  };
}

/** The same; where nobody is there, everybody with one of the roles: better somebody on leave than nobody. */
export function findSomebody(
  notify: readonly Addressee[],
  therapist: StaffId | null,
  plan: EscalationPlan,
  at: Instant,
): Found {
  const found = findPeople(notify, therapist, plan, at);
  if (found.people.length > 0) return found;
  return { ...found, people: [...new Set(notify.flatMap((role) => staffWith(role, plan)))] };
}

/** The person, or whoever stands in, or stands in for that one; null: nobody can be asked at this moment. */
export function standInFor(id: StaffId, plan: EscalationPlan, at: Instant): StaffId | null {
  const asked = new Set<StaffId>();
  let next: StaffId | null = id;
  while (next !== null && !asked.has(next)) {
    const person = plan.staff.find((one) => one.id === next);
    if (person === undefined) return null;
    const absences = absencesAt(plan, person.id, at);
    const onDuty = person.reachable === 'always' || isWorking(toEpoch(at), plan.workingHours);
    if (absences.length === 0 && onDuty) return person.id;
    asked.add(person.id);
    next = absences.find(({ cover }) => cover !== null)?.cover ?? person.cover;
  }
  return null;
}

/** Everybody with the role, there or not. */
export function staffWith(role: string, plan: EscalationPlan): StaffId[] {
  return plan.staff.filter((one) => one.roles.some((theirs) => theirs === role)).map(({ id }) => id);
}

function findOwner(therapist: StaffId | null, plan: EscalationPlan, at: Instant): Found {
  if (therapist === null) return { people: [], missing: ['the patient has no therapist'] };
  const person = standInFor(therapist, plan, at);
  return person === null
    ? { people: [], missing: [`nobody is there for ${therapist}`] }
    : { people: [person], missing: [] };
}

function findRole(role: Addressee, plan: EscalationPlan, at: Instant): Found {
  const people = staffWith(role, plan).flatMap((id) => standInFor(id, plan, at) ?? []);
  return { people, missing: people.length === 0 ? [`nobody with the role ${role} is there`] : [] };
}
