import type { Alert, Cause, Outcome, SnoozeReason, Status, Tier } from './contract.ts';

export const tierWords: Readonly<Record<Tier, string>> = {
  urgent: 'Urgent',
  alert: 'Same day',
  list: 'Daily list',
};

/** As functions/domain/explain.ts calls them. */
const causeWords: Readonly<Record<Cause, string>> = {
  safety: 'Safety: an answer about self-harm',
  deterioration: 'Getting worse, or not better',
  dropout: 'At risk of leaving the programme',
  unassigned: 'No therapist assigned',
  unanswered: 'Reminders stay without an answer',
};

/** What an alert is about, as far as this person may know. */
export function aboutWhat({ cause }: Pick<Alert, 'cause'>): string {
  return cause === null ? 'Alert' : causeWords[cause];
}

export const statusWords: Readonly<Record<Status, string>> = {
  open: 'Waiting for an answer',
  acknowledged: 'Acknowledged',
  snoozed: 'Put off',
  overdue: 'Outcome overdue',
  resolved: 'Resolved',
  withdrawn: 'Withdrawn',
  closed: 'Closed',
};

export const snoozeWords: Readonly<Record<SnoozeReason, string>> = {
  'in-contact': 'I am in contact with the patient',
  'session-booked': 'A session is booked',
  'waiting-for-information': 'I am waiting for information',
  'more-urgent-first': 'Something more urgent comes first',
};

/** What the form asks for beside the outcome's own words. */
export const asksFor: Readonly<Record<Outcome['code'], 'nothing' | 'next try' | 'disclosure' | 'why'>> = {
  reached: 'nothing',
  'not-reached': 'next try',
  'plan-adapted': 'nothing',
  'live-session-booked': 'nothing',
  referred: 'disclosure',
  'known-and-planned': 'nothing',
  'no-action-needed': 'why',
};

/** Whether nobody has to answer it any more. */
export function hasEnded({ status }: Pick<Alert, 'status'>): boolean {
  return status === 'resolved' || status === 'withdrawn' || status === 'closed';
}

/** Whether this person's acknowledgement would change anything. */
export function canAcknowledge({ status, acknowledgedBy }: Alert, staff: string): boolean {
  if (status === 'open') return !acknowledgedBy.includes(staff);
  return status === 'snoozed' || status === 'overdue';
}

/** "t-7", "t-7 and s-1", "t-7, s-1 and s-2". */
export function named(people: readonly string[]): string {
  const last = people.at(-1) ?? '';
  return people.length < 2 ? last : `${people.slice(0, -1).join(', ')} and ${last}`;
}

const order: readonly Tier[] = ['urgent', 'alert', 'list'];

/** Most urgent first, then whatever happens next. */
export function inOrder(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.toSorted(
    (one, other) => order.indexOf(one.tier) - order.indexOf(other.tier) || due(one).localeCompare(due(other)),
  );
}

/** What has no next moment comes last. */
function due({ nextActionAt }: Alert): string {
  return nextActionAt ?? '9999';
}
