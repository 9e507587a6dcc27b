import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { readEvent } from '../functions/domain/event.ts';
import { fold } from '../functions/domain/fold.ts';
import { instantAt, later } from '../functions/domain/instant.ts';
import { type Reminded, type ReminderRecord, remindedOf } from '../functions/domain/reminder.ts';
import { decideReminder, nextReminder, recordOf } from '../functions/domain/reminder-plan.ts';
import { perSecond } from './measure.ts';
import type { Figure } from './run.ts';

const loaded = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
if ('faults' in loaded) throw new Error('clinic/ has faults: run npx tandem check');
const { clinic } = loaded;
const enrolledAt = instantAt(Date.UTC(2026, 0, 5, 14));
const zones = ['America/New_York', 'Europe/Stockholm', 'Australia/Lord_Howe', 'Asia/Kolkata'];
const answers = [1, 2, 1, 0, 1, 2, 1, 0, 0];
const onDay = (days: number) => later(enrolledAt, days * 86_400_000);

/** A patient in week `week` of the programme, somewhat behind, with what became of every reminder until then. */
function patientIn(week: number, zone: string): { readonly reminded: Reminded; readonly now: string } {
  const data = {
    programme: clinic.programme.id,
    track: 'therapist-supported',
    timeZone: zone,
    contact: { preferred: 'sms', sms: '+12025550123' },
  };
  const events = [
    { type: 'PatientEnrolled', occurredAt: onDay(0), data },
    { type: 'ConsentGiven', occurredAt: onDay(0), data: { scopes: ['scoring', 'reminders'] } },
    ...Array.from({ length: week }, (_, index) => [
      { type: 'QuestionnaireSubmitted', occurredAt: onDay(7 * index), data: { measure: 'phq-9', answers } },
      { type: 'PatientActive', occurredAt: onDay(7 * index + 2), data: { kind: 'use', minutes: 12 } },
      { type: 'ModuleCompleted', occurredAt: onDay(7 * index + 4), data: { module: `m${1 + Math.floor(index / 2)}` } },
    ]).flat(),
  ].flatMap((event, index) => {
    const read = readEvent({ id: `ev-${index}`, patient: 'vendor-1', ...event }, onDay(100));
    return 'event' in read ? [read.event] : [];
  });
  const state = fold(events, clinic);
  const now = onDay(7 * week + 1);
  let records: readonly ReminderRecord[] = [];
  for (;;) {
    const next = nextReminder(remindedOf(state, [], records), clinic, records.at(-1)?.at ?? enrolledAt);
    if (next === null || next.at > now) return { reminded: remindedOf(state, [], records), now };
    records = [...records, recordOf(next, next.at)];
  }
}

export async function run(): Promise<Figure[]> {
  const patients = zones.flatMap((zone) => Array.from({ length: 8 }, (_, week) => patientIn(week, zone)));
  const next = await perSecond(() => {
    for (const { reminded, now } of patients) nextReminder(reminded, clinic, now);
    return patients.length;
  });
  const planned = patients.flatMap(({ reminded, now }) => {
    const one = nextReminder(reminded, clinic, now);
    return one === null ? [] : [{ reminded, key: one.key, at: one.at }];
  });
  const decided = await perSecond(() => {
    for (const { reminded, key, at } of planned) decideReminder(reminded, key, clinic, at);
    return planned.length;
  });
  return [
    { name: 'next reminder of a patient', value: next, unit: 'per second and core', aim: 100_000 },
    { name: 'reminder decided at the send', value: decided, unit: 'per second and core', aim: 100_000 },
  ];
}
