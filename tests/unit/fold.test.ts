import { describe, expect, it } from 'vitest';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { exampleClinic } from '../example-clinic.ts';

let count = 0;
function event(day: number, type: string, data: unknown = {}): ClinicalEvent {
  count += 1;
  const occurredAt = `2026-01-${String(day).padStart(2, '0')}T09:00:00.000Z`;
  return { id: `ev-${count}`, type, occurredAt, patient: 'vendor-1', data } as ClinicalEvent;
}
const enrolled = (day: number, more = {}) =>
  event(day, 'PatientEnrolled', { programme: 'depression', track: 'self-guided', ...more });
const stateAfter = (...events: ClinicalEvent[]) => fold(events, exampleClinic);

describe('a course', () => {
  it('is not revived by a pause, or the end of one, that is told after its end', () => {
    const ended = [enrolled(1), event(2, 'EnrolmentEnded', { reason: 'deceased' })];
    expect(stateAfter(...ended, event(3, 'EnrolmentPaused'))).toMatchObject({ enrolment: { status: 'ended' } });
    expect(stateAfter(...ended, event(3, 'EnrolmentResumed'))).toMatchObject({
      enrolment: { status: 'ended', endReason: 'deceased' },
    });
  });

  it('keeps the newest reason for its end', () => {
    const ends = [
      event(2, 'EnrolmentEnded', { reason: 'completed' }),
      event(3, 'EnrolmentEnded', { reason: 'deceased' }),
    ];
    expect(stateAfter(enrolled(1), ...ends).enrolment?.endReason).toBe('deceased');
  });

  it('starts anew with another enrolment after its end, and is only corrected by one before it', () => {
    const done = event(2, 'ModuleCompleted', { module: 'm1' });
    const again = stateAfter(enrolled(1), done, event(3, 'EnrolmentEnded', { reason: 'moved' }), enrolled(4));
    expect(again).toMatchObject({
      modules: {},
      enrolment: { status: 'active', enrolledAt: '2026-01-04T09:00:00.000Z' },
    });
    const corrected = stateAfter(enrolled(1), done, enrolled(3, { therapist: 't-1' }));
    expect(corrected).toMatchObject({ therapist: 't-1', enrolment: { enrolledAt: '2026-01-01T09:00:00.000Z' } });
    expect(Object.keys(corrected.modules)).toEqual(['m1']);
  });

  it('that nobody has begun is neither paused nor ended', () => {
    expect(
      stateAfter(event(1, 'EnrolmentPaused'), event(2, 'EnrolmentEnded', { reason: 'other' })).enrolment,
    ).toBeNull();
  });

  it('remembers when a pause ended, so that silence counts from there', () => {
    const state = stateAfter(enrolled(1), event(2, 'EnrolmentPaused'), event(5, 'EnrolmentResumed'));
    expect(state.enrolment).toMatchObject({ status: 'active', pausedUntil: '2026-01-05T09:00:00.000Z' });
  });
});
