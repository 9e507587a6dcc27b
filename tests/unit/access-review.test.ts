import { describe, expect, it } from 'vitest';
import { accessReviewChart } from '../../bin/access-review-chart.ts';
import { accessReviewText } from '../../bin/access-review-text.ts';
import { type ReviewBasis, reviewAccess } from '../../functions/domain/access-review.ts';
import { accessReviewRulesSchema } from '../../functions/domain/access-review-rules.ts';
import type { AuditRecord } from '../../functions/domain/audit-chain.ts';
import { later } from '../../functions/domain/instant.ts';
import { auditRecord } from '../audit-records.ts';
import { planOf } from '../example-escalation.ts';

const rules = accessReviewRulesSchema.parse({ patientsInAnHour: 3, fewestInADay: 4 });
// A week of a clinic in UTC that works from 09:00 to 17:00. 2026-03-02 is a Monday.
const from = '2026-03-02T00:00:00.000Z';
const to = '2026-03-09T00:00:00.000Z';
const morning = '2026-03-03T10:00:00.000Z';

function review(records: readonly AuditRecord[], more: Partial<ReviewBasis> = {}) {
  return reviewAccess({ from, to, records, plan: planOf(), caseload: new Map([['p-a', 't-7']]), rules, ...more });
}
const at = (recordedAt: string, change: Partial<AuditRecord> = {}) => auditRecord({ recordedAt, ...change });
const by = (who: string, role = 'therapist') => ({ agent: { who, role } });

describe('an access review', () => {
  it('counts by who and what, people apart from programs, the busiest first, and nothing outside the period', () => {
    const found = review([
      at('2026-03-01T23:59:59.999Z'),
      at(morning, by('s-1', 'supervisor')),
      at(morning, { action: 'alert.acknowledge' }),
      at(morning),
      at(morning, { chain: 'p-b' }),
      at(morning, { ...by('programme', 'vendor'), action: 'event.record' }),
      at(to),
    ]);
    expect(found).toMatchObject({ records: 5, patients: 2 });
    expect(found.people).toEqual([
      {
        who: 't-7',
        role: 'therapist',
        records: 3,
        patients: 2,
        refused: 0,
        actions: [
          { action: 'alert.view', records: 2 },
          { action: 'alert.acknowledge', records: 1 },
        ],
      },
      {
        who: 's-1',
        role: 'supervisor',
        records: 1,
        patients: 1,
        refused: 0,
        actions: [{ action: 'alert.view', records: 1 }],
      },
    ]);
    expect(found.programs.map(({ who, records }) => [who, records])).toEqual([['programme', 1]]);
  });

  it('points at what happened outside working hours, except answers to what is urgent and what was refused', () => {
    const night = '2026-03-03T03:00:00.000Z';
    const found = review([
      at(night),
      at(night, { detail: { tier: 'urgent' } }),
      at(night, { outcome: 'refused' }),
      at('2026-03-07T11:00:00.000Z'),
      at(morning),
    ]);
    expect(found.outsideHours.map((line) => line.at)).toEqual([night, '2026-03-07T11:00:00.000Z']);
  });

  it('points at many patients within an hour, once for each rush', () => {
    const looks = (minutes: readonly number[]) =>
      minutes.map((minute, number) => at(later(morning, minute * 60_000), { chain: `p-${number}` }));
    expect(review(looks([0, 10, 20])).manyPatients).toEqual([]);
    expect(review(looks([0, 10, 20, 60])).manyPatients).toEqual([]);
    expect(review(looks([0, 10, 20, 59])).manyPatients).toEqual([
      { who: 't-7', role: 'therapist', at: later(morning, 59 * 60_000), patients: 4 },
    ]);
    expect(review(looks([0, 1, 2, 3, 4, 5, 6, 7])).manyPatients).toHaveLength(2);
    expect(review(looks([0, 1, 2, 3]).map((one) => ({ ...one, chain: 'system-1' }))).manyPatients).toEqual([]);
  });

  it('compares a day with the person’s own median of the days before it, and says whom it cannot compare', () => {
    const day = (date: string, count: number, who = 't-7') =>
      Array.from({ length: count }, () => at(`${date}T10:00:00.000Z`, by(who)));
    const before = [...day('2026-02-24', 1), ...day('2026-02-25', 1), ...day('2026-02-26', 3), ...day('2026-02-27', 9)];
    const found = review([...before, ...day('2026-03-03', 7), ...day('2026-03-04', 6), ...day('2026-03-05', 2, 'new')]);
    expect(found.aboveMedian).toEqual([{ who: 't-7', date: '2026-03-03', records: 7, median: 2 }]);
    expect(found.notCompared).toEqual(['new']);
    // Few records are never far too many, and days too long ago do not count.
    expect(review([...day('2026-02-24', 1), ...day('2026-03-03', 3)]).aboveMedian).toEqual([]);
    expect(review([...day('2026-01-05', 1), ...day('2026-03-03', 9)]).aboveMedian).toEqual([]);
    const early = [...day('2026-02-23', 1), ...day('2026-02-24', 1, 't-8'), ...day('2026-03-03', 9, 't-8')];
    const both = review([...early, ...day('2026-03-04', 9), ...day('2026-03-05', 99, 't-8')]);
    expect(both.aboveMedian.map(({ who, date }) => [who, date])).toEqual([
      ['t-8', '2026-03-03'],
      ['t-7', '2026-03-04'],
      ['t-8', '2026-03-05'],
    ]);
    expect(review([...day('2026-02-24', 1), ...day('2026-03-10', 9)]).aboveMedian).toEqual([]);
  });

  it('points at a therapist outside the caseload, not at who stands in, sees everybody, or was refused', () => {
    const other = by('t-8');
    const found = review(
      [
        at(morning),
        at(morning, { ...other, sequence: 2 }),
        at(morning, { ...by('s-1', 'supervisor') }),
        at(morning, { ...other, outcome: 'refused' }),
        at(morning, { ...other, chain: 'p-unknown' }),
        at(morning, { ...other, chain: 'p-none', sequence: 6 }),
        at(morning, { ...other, action: 'access.emergency' }),
      ],
      {
        caseload: new Map([
          ['p-a', 't-7'],
          ['p-none', null],
        ]),
      },
    );
    expect(found.outsideCaseload.map(({ who, sequence }) => [who, sequence])).toEqual([
      ['t-8', 2],
      ['t-8', 6],
    ]);
    // From 3 August t-7 is away and t-8 stands in.
    const august = review([at('2026-08-04T10:00:00.000Z', other)], {
      from: '2026-08-01T00:00:00.000Z',
      to: '2026-09-01T00:00:00.000Z',
    });
    expect(august.outsideCaseload).toEqual([]);
  });

  it('lists emergency access, refusals, exports, and what people changed outside of a patient’s record', () => {
    const found = review([
      at(morning, { action: 'access.emergency', reason: 'in danger', sequence: 1 }),
      at(morning, {
        ...by('unknown', 'not signed in'),
        chain: 'system-1',
        action: 'sign-in.refuse',
        outcome: 'refused',
        sequence: 2,
      }),
      at(morning, { ...by('it', 'clinic'), chain: 'system-2', action: 'audit.export', sequence: 3 }),
      at(morning, { ...by('it', 'clinic'), action: 'audit.fhir', sequence: 4 }),
      at(morning, {
        ...by('operator', 'clinic'),
        chain: 'system-3',
        action: 'event.set-aside.remove',
        changed: true,
        sequence: 5,
      }),
      at(morning, { action: 'alert.acknowledge', changed: true, sequence: 6 }),
      at(morning, { ...by('programme', 'vendor'), action: 'event.set-aside', outcome: 'refused', sequence: 7 }),
    ]);
    const numbers = (lines: readonly { sequence: number }[]) => lines.map(({ sequence }) => sequence);
    expect(numbers(found.emergency)).toEqual([1]);
    expect(numbers(found.refused)).toEqual([2]);
    expect(numbers(found.exports)).toEqual([3, 4]);
    expect(numbers(found.changes)).toEqual([5]);
    expect(found.emergency[0]).toEqual({
      at: morning,
      who: 't-7',
      role: 'therapist',
      action: 'access.emergency',
      chain: 'p-a',
      sequence: 1,
      reason: 'in danger',
    });
  });

  it('names rules and plans that were not in force before', () => {
    const plan = (hash: string) => ({ detail: { plan: hash } });
    const found = review([
      at('2026-02-20T10:00:00.000Z', { rules: 'sha256:old', ...plan('sha256:p1') }),
      at(morning, { rules: 'sha256:new' }),
      at('2026-03-04T10:00:00.000Z', { rules: 'sha256:old', ...plan('sha256:p2') }),
      at('2026-03-10T10:00:00.000Z', { rules: 'sha256:next' }),
    ]);
    expect(found.ruleChanges).toEqual([
      { kind: 'rules', hash: 'sha256:new', since: morning },
      { kind: 'escalation plan', hash: 'sha256:p2', since: '2026-03-04T10:00:00.000Z' },
    ]);
    expect(review([at(morning)]).ruleChanges).toEqual([]);
  });
});

describe('a review as text', () => {
  it('says "none" of each rule that points at nothing, and states the rules', () => {
    const text = accessReviewText(review([]), rules, 'UTC');
    expect(text).toContain('Access review, Mar 2, 2026, 12:00 AM UTC to Mar 9, 2026, 12:00 AM UTC,');
    expect(text).toContain('More than 3 patients within an hour: none.');
    expect(text).toContain("A day of 4 records or more, above 3 times the person's own median of 56 days: none.");
    expect(text.match(/: none\./g)).toHaveLength(11);
  });

  it('lists what it found, and does not drown in it', () => {
    const refused = Array.from({ length: 60 }, () => at(morning, { outcome: 'refused', reason: 'no token' }));
    const text = accessReviewText(review(refused), rules, 'UTC');
    expect(text).toContain('Refused: 60');
    expect(text.match(/no token/g)).toHaveLength(50);
    expect(text).toContain('and 10 more: --json lists them all');
    expect(text).toContain('Nothing earlier to compare with: t-7.');
  });

  it('has a chart with a bar for each person, which holds no name unescaped', () => {
    const svg = accessReviewChart(
      review([
        at(morning),
        at(morning, { outcome: 'refused' }),
        at(morning, { ...by('<b>&', 'clinic'), action: 'alert.acknowledge' }),
      ]),
    );
    expect(svg).toContain('t-7, therapist');
    expect(svg).toContain('2 (1 patients)');
    expect(svg).toContain('&lt;b&gt;&amp;, clinic');
    expect(svg).not.toContain('<b>');
    expect(svg.match(/<rect /g)).toHaveLength(1 + 3 + 3);
    expect(accessReviewChart(review([]))).toContain('No person did anything.');
  });
});
