import type { AccessReviewRules } from './access-review-rules.ts';
import {
  aboveOwnMedian,
  type BusyDay,
  type BusyHour,
  isOutsideCaseload,
  isOutsideHours,
  manyPatients,
} from './access-review-unusual.ts';
import type { AuditRecord, ChainId } from './audit-chain.ts';
import { isByPerson, isOfPatient } from './audit-record.ts';
import { emergencyAccess } from './emergency-access.ts';
import type { EscalationPlan, StaffId } from './escalation-plan.ts';
import type { Instant } from './instant.ts';

/** What a review is made from. */
export interface ReviewBasis {
  readonly from: Instant;
  /** Not part of it. */
  readonly to: Instant;
  /** Every record that could be read since `rules.medianDays` before `from`, in any order. */
  readonly records: readonly AuditRecord[];
  readonly plan: EscalationPlan;
  /** The therapist whom each patient has now; null: none. A patient who is not in it is not compared. */
  readonly caseload: ReadonlyMap<ChainId, StaffId | null>;
  readonly rules: AccessReviewRules;
}

/** One record, as a reviewer needs it: where it stands, and no content. */
export interface ReviewLine {
  readonly at: Instant;
  readonly who: string;
  readonly role: string;
  readonly action: string;
  readonly chain: ChainId;
  readonly sequence: number;
  readonly reason: string;
}

/** What one person, or one program, did in the period. */
export interface ReviewCount {
  readonly who: string;
  readonly role: string;
  readonly records: number;
  readonly patients: number;
  readonly refused: number;
  /** By action, the most frequent first. */
  readonly actions: readonly { readonly action: string; readonly records: number }[];
}

/** The first record under a configuration that was not there before. */
export interface RuleChange {
  readonly kind: 'rules' | 'escalation plan';
  readonly hash: string;
  readonly since: Instant;
}

/** A periodic review of who used what, 45 CFR 164.308(a)(1)(ii)(D). Lines are in the order of time. */
export interface AccessReview {
  readonly from: Instant;
  readonly to: Instant;
  readonly records: number;
  readonly patients: number;
  readonly people: readonly ReviewCount[];
  readonly programs: readonly ReviewCount[];
  readonly emergency: readonly ReviewLine[];
  readonly refused: readonly ReviewLine[];
  readonly outsideCaseload: readonly ReviewLine[];
  readonly outsideHours: readonly ReviewLine[];
  readonly manyPatients: readonly BusyHour[];
  readonly aboveMedian: readonly BusyDay[];
  /** Whose volume could not be compared: nothing of theirs is older than the period. */
  readonly notCompared: readonly string[];
  readonly exports: readonly ReviewLine[];
  /** What people changed that belongs to no patient. */
  readonly changes: readonly ReviewLine[];
  readonly ruleChanges: readonly RuleChange[];
}

export function reviewAccess({ from, to, records, plan, caseload, rules }: ReviewBasis): AccessReview {
  const inOrder = records.toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1));
  const period = inOrder.filter(({ recordedAt }) => from <= recordedAt && recordedAt < to);
  const people = period.filter(isByPerson);
  const linesOf = (holds: (record: AuditRecord) => boolean) => people.filter(holds).map(lineOf);
  const volume = aboveOwnMedian(inOrder.filter(isByPerson), from, to, plan.workingHours.timeZone, rules);
  return {
    from,
    to,
    records: period.length,
    patients: patientsIn(period),
    people: countsOf(people),
    programs: countsOf(period.filter((record) => !isByPerson(record))),
    emergency: linesOf(({ action }) => action === emergencyAccess),
    refused: linesOf(({ outcome }) => outcome === 'refused'),
    outsideCaseload: linesOf((record) => isOutsideCaseload(record, caseload, plan)),
    outsideHours: linesOf((record) => isOutsideHours(record, plan.workingHours)),
    manyPatients: manyPatients(people, rules.patientsInAnHour),
    aboveMedian: volume.days,
    notCompared: volume.notCompared,
    exports: linesOf(({ action }) => action === 'audit.export' || action === 'audit.fhir'),
    changes: linesOf((record) => record.changed && !isOfPatient(record)),
    ruleChanges: [
      ...changesOf('rules', inOrder, from, to, ({ rules: hash }) => hash),
      ...changesOf('escalation plan', inOrder, from, to, ({ detail }) => detail['plan']),
    ],
  };
}

function lineOf({ recordedAt, agent, action, chain, sequence, reason }: AuditRecord): ReviewLine {
  return { at: recordedAt, who: agent.who, role: agent.role, action, chain, sequence, reason };
}

function patientsIn(records: readonly AuditRecord[]): number {
  return new Set(records.filter(isOfPatient).map(({ chain }) => chain)).size;
}

/** The busiest first. */
function countsOf(records: readonly AuditRecord[]): ReviewCount[] {
  const groups = new Map<string, { who: string; role: string; theirs: AuditRecord[] }>();
  for (const record of records) {
    const { who, role } = record.agent;
    const group = groups.get(`${who}\n${role}`) ?? { who, role, theirs: [] };
    groups.set(`${who}\n${role}`, group);
    group.theirs.push(record);
  }
  const counts = [...groups.values()].map(({ who, role, theirs }): ReviewCount => {
    const actions = [...Map.groupBy(theirs, ({ action }) => action)]
      .map(([action, ofKind]) => ({ action, records: ofKind.length }))
      .toSorted((a, b) => b.records - a.records);
    const refused = theirs.filter(({ outcome }) => outcome === 'refused').length;
    return { who, role, records: theirs.length, patients: patientsIn(theirs), refused, actions };
  });
  return counts.toSorted((a, b) => b.records - a.records);
}

/** Hashes first seen in the period. The very first one of all is no change: nothing is known of before. */
function changesOf(
  kind: RuleChange['kind'],
  inOrder: readonly AuditRecord[],
  from: Instant,
  to: Instant,
  hashOf: (record: AuditRecord) => unknown,
): RuleChange[] {
  const since = new Map<string, Instant>();
  for (const record of inOrder) {
    const hash = hashOf(record);
    if (typeof hash === 'string' && !since.has(hash)) since.set(hash, record.recordedAt);
  }
  return [...since]
    .slice(1)
    .filter(([, at]) => from <= at && at < to)
    .map(([hash, at]) => ({ kind, hash, since: at }));
}
