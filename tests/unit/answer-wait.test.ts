import { expect, it } from 'vitest';
import { answerWait } from '../../functions/domain/answer-wait.ts';
import { later } from '../../functions/domain/instant.ts';

const now = '2026-03-02T10:00:00.000Z';
const inSeconds = (seconds: number) => answerWait(later(now, seconds * 1000), now);

it('an answer is waited for in the longest of three waits that passes the deadline by a minute at most', () => {
  expect([4 * 3600, 4 * 3600 - 60, 7 * 86_400].map(inSeconds)).toEqual(['fourHours', 'fourHours', 'fourHours']);
  expect([4 * 3600 - 61, 900, 840].map(inSeconds)).toEqual(['quarter', 'quarter', 'quarter']);
  expect([839, 60, 1, 0].map(inSeconds)).toEqual(['minute', 'minute', 'minute', 'minute']);
});

it('what should have been sent already is tried again in a minute', () => {
  expect(inSeconds(-3600)).toBe('minute');
});
