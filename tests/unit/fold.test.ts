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

describe('how a patient wants to be reminded', () => {
  const channelsOf = (...events: ClinicalEvent[]) => stateAfter(enrolled(1), ...events).preferences;

  it('is told piece by piece: what an event leaves out stays as it is, and null takes a wish back', () => {
    const wishes = event(2, 'PreferencesChanged', { channels: ['email', 'sms'], hour: '19:30' });
    const pause = event(3, 'PreferencesChanged', { pausedUntil: '2026-02-01T00:00:00.000Z' });
    expect(channelsOf()).toEqual({ channels: null, hour: null, pausedUntil: null, optedOut: [] });
    expect(channelsOf(wishes, pause)).toEqual({
      channels: ['email', 'sms'],
      hour: '19:30',
      pausedUntil: '2026-02-01T00:00:00.000Z',
      optedOut: [],
    });
    const back = event(4, 'PreferencesChanged', { channels: [], hour: null, pausedUntil: null });
    expect(channelsOf(wishes, pause, back)).toMatchObject({ channels: [], hour: null, pausedUntil: null });
  });

  it('STOP holds for its channel, said once or twice, until it is taken back (P21)', () => {
    const stop = (day: number, channel: string) => event(day, 'ReminderOptedOut', { channel });
    const stops = [stop(2, 'sms'), stop(3, 'email'), stop(4, 'sms')];
    expect(channelsOf(...stops).optedOut).toEqual(['email', 'sms']);
    expect(channelsOf(...stops, event(5, 'ReminderOptedIn', { channel: 'sms' })).optedOut).toEqual(['email']);
    const wishes = event(5, 'PreferencesChanged', { channels: ['sms'] });
    expect(channelsOf(...stops, wishes).optedOut).toEqual(['email', 'sms']);
  });

  it('stays through a new course', () => {
    const again = [event(3, 'EnrolmentEnded', { reason: 'moved' }), enrolled(4)];
    expect(channelsOf(event(2, 'ReminderOptedOut', { channel: 'sms' }), ...again).optedOut).toEqual(['sms']);
  });
});

it('a talk is agreed, moved and cancelled', () => {
  const talk = (day: number, startsAt: string | null) => event(day, 'LiveSessionScheduled', { startsAt });
  const first = talk(2, '2026-01-20T09:00:00.000Z');
  expect(stateAfter(first).liveSession.scheduledFor).toBe('2026-01-20T09:00:00.000Z');
  expect(stateAfter(first, talk(3, '2026-01-21T09:00:00.000Z')).liveSession.scheduledFor).toBe(
    '2026-01-21T09:00:00.000Z',
  );
  expect(stateAfter(first, talk(3, null)).liveSession.scheduledFor).toBeNull();
});
