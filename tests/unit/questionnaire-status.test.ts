import { describe, expect, test } from 'vitest';
import { answers, items, readItems } from './questionnaire-samples.ts';

describe('status, id and date', () => {
  test('Q06: only completed and amended are scored; what is taken back is withdrawn; item 9 is read in all of them', () => {
    const kinds = [
      ['completed', 'scored'],
      ['amended', 'scored'],
      ['in-progress', 'in-progress'],
      ['stopped', 'in-progress'],
      ['entered-in-error', 'withdrawn'],
      ['final', 'unreadable'],
      [undefined, 'unreadable'],
    ];
    for (const [status, kind] of kinds) {
      const reading = readItems(items, { status });
      expect(reading.outcome === 'scored' ? 'scored' : reading.kind).toBe(kind);
      expect(reading).toMatchObject({ answers, item9: 1, measure: 'phq-9' });
    }
    expect(readItems([], { status: 'entered-in-error', id: 'r1' })).toMatchObject({
      kind: 'withdrawn',
      responseKey: 'r1',
    });
  });

  test('the response key is the id, else the first identifier, and nothing of unreasonable length', () => {
    expect(readItems(items, { id: 'r1', identifier: { value: 'x' } }).responseKey).toBe('r1');
    expect(readItems(items, { identifier: { system: 'urn:s', value: 'x' } }).responseKey).toBe('urn:s|x');
    expect(readItems(items, { identifier: [{ value: 'x' }, { value: 'y' }] }).responseKey).toBe('|x');
    expect(readItems(items, { id: 'x'.repeat(501) }).responseKey).toBeNull();
    expect(readItems(items, { identifier: {} }).responseKey).toBeNull();
  });

  test('the date is kept as written when it is one', () => {
    for (const authored of ['2024-12-01T12:00:00+09:00', '2026-02-01', '2019-02-13T00:36:41.051113Z']) {
      expect(readItems(items, { authored })).toMatchObject({ authored });
    }
    expect(readItems(items, { authored: 'yesterday' })).not.toHaveProperty('authored');
  });
});
