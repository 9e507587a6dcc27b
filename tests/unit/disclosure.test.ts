import { describe, expect, it } from 'vitest';
import {
  accountingOf,
  accountingSpan,
  disclosureOf,
  disclosureRecord,
  disclosureSchema,
} from '../../functions/domain/disclosure.ts';
import { auditRecord, referral } from '../audit-records.ts';

const facts = {
  at: '2026-02-01T10:00:00.000Z',
  recipient: 'County Health Department',
  address: '2 Oak St',
  what: 'a case report',
  purpose: 'required by state law',
};
const byHand = auditRecord({ ...disclosureRecord(facts, { who: 'compliance', accessKeyId: 'AKIA' }), sequence: 7 });
const always = { from: '0001-01-01T00:00:00.000Z', to: '9999-01-01T00:00:00.000Z' };

describe('what counts as a disclosure', () => {
  it('is a referral that is not treatment, at the moment of the answer', () => {
    expect(disclosureOf(referral)).toEqual({
      at: referral.recordedAt,
      recipient: 'County Crisis Team, 1 Main St',
      address: null,
      what: 'the last answers',
      purpose: 'a welfare check',
      by: 't-7',
      sequence: 1,
    });
  });

  it('is what somebody wrote down, at the moment at which it was made', () => {
    expect(disclosureOf(byHand)).toEqual({ ...facts, by: 'compliance', sequence: 7 });
  });

  it('is neither a referral as part of the treatment, nor a refused answer, nor a look', () => {
    expect(disclosureOf({ ...referral, outcome: 'refused' })).toBeNull();
    expect(disclosureOf({ ...referral, detail: { outcome: { code: 'referred', disclosure: null } } })).toBeNull();
    expect(disclosureOf(auditRecord())).toBeNull();
    expect(disclosureOf({ ...byHand, detail: {} })).toBeNull();
  });
});

describe('a disclosure written down by hand', () => {
  const faultOf = (change: object) => disclosureSchema.safeParse({ ...facts, ...change }).error?.issues[0]?.message;

  it('has a recipient, a description and a purpose; the address may be missing', () => {
    expect(faultOf({})).toBeUndefined();
    expect(faultOf({ address: null })).toBeUndefined();
    expect(faultOf({ recipient: ' ' })).toContain('write who received it');
    expect(faultOf({ what: '' })).toContain('write what was disclosed');
    expect(faultOf({ purpose: 'x'.repeat(501) })).toContain('at most 500');
    expect(faultOf({ at: 'yesterday' })).toBeDefined();
  });

  it.each(['treatment', 'Payment', 'health care operations', 'for treatment'])(
    'is refused where it needs no accounting: %s, 45 CFR 164.528(a)(1)(i)',
    (purpose) => {
      expect(faultOf({ purpose })).toContain('need no accounting');
    },
  );

  it.each(['the patient', 'Individual', 'the patient herself'])(
    'is refused where the patient received it: %s, 45 CFR 164.528(a)(1)(ii)',
    (recipient) => {
      expect(faultOf({ recipient })).toContain('needs no accounting');
    },
  );
});

describe('an accounting', () => {
  const now = '2026-03-02T15:00:00.000Z';

  it('goes back six years by the clinic’s calendar, and no further', () => {
    const whole = accountingSpan({ from: null, to: null }, now, 'America/New_York');
    expect(whole).toEqual({ from: '2020-03-02T15:00:00.000Z', to: now });
    const older = accountingSpan({ from: '2019-01-01T00:00:00.000Z', to: null }, now, 'America/New_York');
    expect(older).toEqual(whole);
    // 29 February has no anniversary: the last day of February stands in.
    const leap = accountingSpan({ from: null, to: null }, '2024-02-29T12:00:00.000Z', 'UTC');
    expect(leap.from).toBe('2018-02-28T12:00:00.000Z');
  });

  it('is of the span that was asked for, and of nothing that has not happened', () => {
    const from = '2025-01-01T00:00:00.000Z';
    const to = '2025-06-01T00:00:00.000Z';
    expect(accountingSpan({ from, to }, now, 'UTC')).toEqual({ from, to });
    expect(accountingSpan({ from, to: '2030-01-01T00:00:00.000Z' }, now, 'UTC')).toEqual({ from, to: now });
  });

  it('lists each disclosure within the span, ends included, the oldest first', () => {
    const records = [referral, byHand, { ...byHand, sequence: 3 }, auditRecord()];
    expect(accountingOf(records, always).map(({ sequence }) => sequence)).toEqual([3, 7, 1]);
    expect(accountingOf(records.toReversed(), always).map(({ sequence }) => sequence)).toEqual([3, 7, 1]);
    expect(accountingOf(records, { from: facts.at, to: facts.at })).toHaveLength(2);
    expect(accountingOf(records, { from: referral.recordedAt, to: now })).toHaveLength(1);
    expect(accountingOf(records, { from: '2026-02-02T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' })).toEqual([]);
  });
});
