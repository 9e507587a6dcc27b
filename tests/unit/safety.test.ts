import { describe, expect, test } from 'vitest';
import { compareTiers, type SafetyTier, safetyRulesSchema, safetyTier } from '../../functions/domain/safety.ts';

const defaults = safetyRulesSchema.parse({});

describe('tiers of item 9', () => {
  // Rows: the answer before. Columns: the new answer, 0 to 3. Source: "PHQ-9 item 9" of the domain reference.
  const table: [number | null, SafetyTier[]][] = [
    [null, ['none', 'list', 'alert', 'urgent']],
    [0, ['none', 'list', 'urgent', 'urgent']],
    [1, ['none', 'list', 'alert', 'urgent']],
    [2, ['none', 'list', 'alert', 'urgent']],
    [3, ['none', 'list', 'alert', 'urgent']],
  ];
  for (const [previous, row] of table) {
    test(`after ${previous ?? 'no answer'}: 0, 1, 2, 3 give ${row.join(', ')}`, () => {
      expect([0, 1, 2, 3].map((current) => safetyTier(previous, current, defaults))).toEqual(row);
    });
  }

  test('an item that is not answered calls for nothing by itself, whatever was answered before', () => {
    expect([null, 0, 3].map((previous) => safetyTier(previous, null, defaults))).toEqual(['none', 'none', 'none']);
  });

  test('the clinical lead can move every tier', () => {
    const rules = safetyRulesSchema.parse({ urgentAt: 2, urgentRise: 3, alertAt: 2, listAt: 2 });
    expect([0, 1, 2].map((current) => safetyTier(0, current, rules))).toEqual(['none', 'none', 'urgent']);
  });

  test('rules that would flag everybody or put the tiers out of order are refused', () => {
    expect(safetyRulesSchema.safeParse({ listAt: 0 }).success).toBe(false);
    expect(safetyRulesSchema.safeParse({ listAt: 3 }).error?.issues[0]?.path).toEqual(['alertAt']);
    expect(safetyRulesSchema.safeParse({ urgentAt: 1 }).error?.issues[0]?.path).toEqual(['urgentAt']);
    expect(safetyRulesSchema.safeParse({ urgent: 1 }).success).toBe(false);
  });

  test('tiers sort from none to urgent', () => {
    const tiers: SafetyTier[] = ['urgent', 'none', 'alert', 'list'];
    expect(tiers.toSorted(compareTiers)).toEqual(['none', 'list', 'alert', 'urgent']);
    expect(compareTiers('alert', 'alert')).toBe(0);
  });
});
