import type { AccessReview, ReviewCount, ReviewLine } from '../functions/domain/access-review.ts';
import type { AccessReviewRules } from '../functions/domain/access-review-rules.ts';
import { momentInWords } from '../functions/domain/local-words.ts';
import { table } from './table.ts';

/** The review for whoever reads it: what happened, then each rule and what it points at. */
export function accessReviewText(review: AccessReview, rules: AccessReviewRules, timeZone: string): string {
  const at = (instant: string) => momentInWords(instant, timeZone);
  const lines = (found: readonly ReviewLine[]) =>
    table(
      ['when', 'who', 'action', 'chain', 'record', 'reason'],
      found
        .slice(0, mostRows)
        .map((one) => [at(one.at), nameOf(one), one.action, one.chain, String(one.sequence), one.reason]),
    );
  const listed = (title: string, found: readonly ReviewLine[]) =>
    section(title, found.length, lines(found), found.length - mostRows);
  const { manyPatients, aboveMedian, notCompared, ruleChanges } = review;
  return [
    `Access review, ${at(review.from)} to ${at(review.to)}, 45 CFR 164.308(a)(1)(ii)(D)`,
    `${review.records} records, ${review.patients} patients.`,
    section('By person', review.people.length, countTable(review.people)),
    section('By program', review.programs.length, countTable(review.programs)),
    listed('Emergency access ("break glass")', review.emergency),
    listed('Refused', review.refused),
    listed(
      'Outside the caseload: a therapist, a patient who now is another’s, and not standing in',
      review.outsideCaseload,
    ),
    listed('Outside working hours (answers to what is urgent are left out)', review.outsideHours),
    section(
      `More than ${rules.patientsInAnHour} patients within an hour`,
      manyPatients.length,
      table(
        ['when', 'who', 'patients'],
        manyPatients.map((one) => [at(one.at), nameOf(one), String(one.patients)]),
      ),
    ),
    section(
      `A day of ${rules.fewestInADay} records or more, above ${rules.timesOwnMedian} times the person's own median of ${rules.medianDays} days`,
      aboveMedian.length,
      table(
        ['date', 'who', 'records', 'median'],
        aboveMedian.map(({ date, who, records, median }) => [date, who, String(records), String(median)]),
      ),
    ),
    ...(notCompared.length === 0 ? [] : [`Nothing earlier to compare with: ${notCompared.join(', ')}.`]),
    listed('Exports', review.exports),
    listed('Changed by a person, outside of any patient’s record', review.changes),
    section(
      'New rules and escalation plans in force (uses of keys stand in CloudTrail)',
      ruleChanges.length,
      table(
        ['since', 'what', 'hash'],
        ruleChanges.map(({ since, kind, hash }) => [at(since), kind, hash]),
      ),
    ),
    '',
  ].join('\n');
}

/** A flood of refusals must not hide the rest. */
const mostRows = 50;

function section(title: string, count: number, body: string, more = 0): string {
  if (count === 0) return `\n${title}: none.`;
  return `\n${title}: ${count}\n${body}${more > 0 ? `\n  and ${more} more: --json lists them all` : ''}`;
}

function nameOf({ who, role }: { readonly who: string; readonly role: string }): string {
  return `${who} (${role})`;
}

function countTable(counts: readonly ReviewCount[]): string {
  return table(
    ['who', 'records', 'patients', 'refused', 'what'],
    counts.map((one) => [
      nameOf(one),
      String(one.records),
      String(one.patients),
      String(one.refused),
      one.actions.map(({ action, records }) => `${action} ${records}`).join(', '),
    ]),
  );
}
