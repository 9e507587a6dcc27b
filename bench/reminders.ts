import { fileURLToPath } from 'node:url';
import { loadClinic } from '../bin/clinic-folder.ts';
import { genesis, sealRecord } from '../functions/domain/audit-chain.ts';
import { readEvent } from '../functions/domain/event.ts';
import { fold } from '../functions/domain/fold.ts';
import { instantAt, later } from '../functions/domain/instant.ts';
import { type Patient, unknownPatient } from '../functions/domain/patient.ts';
import { type Reminded, type ReminderRecord, remindedOf } from '../functions/domain/reminder.ts';
import { decideReminder, nextReminder, recordOf } from '../functions/domain/reminder-plan.ts';
import type { Patients } from '../functions/ports/patients.ts';
import { remindShard } from '../functions/reminder-round/round.ts';
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

const known = 1_000_000;
const dueNow = 10_000;

/**
 * One round over an index of a million patients of whom one in a hundred is due. Whoever is loaded is counted: nobody else may be. The
 * table makes a patient when it is asked for, and does per commit what the real one does: a canonical record and two hashes.
 */
async function roundOverMillion(): Promise<{ seconds: number; touched: number; sent: number }> {
  const typical = patientIn(3, 'America/New_York');
  const at = nextReminder(typical.reminded, clinic, typical.now)?.at ?? typical.now;
  const index = Array.from({ length: known }, (_, number) => ({
    id: `p-${number}`,
    reminderAt: number % (known / dueNow) === 0 ? at : later(at, 7 * 86_400_000),
  }));
  const { state, records } = typical.reminded;
  const changed = new Map<string, Patient>();
  const touched = new Set<string>();
  const salt = new Uint8Array(16);
  const load = (id: string): Patient => {
    touched.add(id);
    const unknown = unknownPatient(id, genesis(id));
    const stored = { ...unknown, version: 1, state, reminders: records, reminderAt: at, foldedUnder: clinic.hash };
    return changed.get(id) ?? stored;
  };
  const patients: Patients = {
    load: (id) => Promise.resolve(load(id)),
    history: () => Promise.resolve([]),
    seen: () => Promise.resolve({ kind: 'never' }),
    commit: (patient, change) => {
      const { sequence, head } = sealRecord(patient, change.audit, change.at, salt);
      changed.set(patient.id, { ...patient, ...change.patient, version: sequence, head });
      return Promise.resolve();
    },
  };
  const due = index.filter(({ reminderAt }) => reminderAt <= at);
  const ports = {
    patients,
    reminderIndex: { shards: [0], due: () => Promise.resolve({ due, cursor: null }) },
    reminderChannels: {
      reachable: () => Promise.resolve(['sms'] as const),
      send: () => Promise.resolve({ outcome: 'accepted' } as const),
    },
    clinic,
    pause: () => Promise.resolve(),
    pace: () => Promise.resolve(),
    now: () => at,
    mayPass: () => false,
  };
  const before = performance.now();
  const { counts } = await remindShard(ports, { shard: 0, until: at, cursor: null }, () => true);
  return { seconds: (performance.now() - before) / 1000, touched: touched.size, sent: counts.sent };
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
  const round = await roundOverMillion();
  return [
    {
      name: 'round of reminders, 10,000 due of 1,000,000 patients',
      value: round.seconds,
      unit: 's',
      note: `${round.touched.toLocaleString('en-US')} patients touched, ${round.sent.toLocaleString('en-US')} sent; tables in memory`,
    },
    { name: 'patients touched by that round', value: round.touched, unit: 'patients', aim: dueNow },
    { name: 'next reminder of a patient', value: next, unit: 'per second and core', aim: 100_000 },
    { name: 'reminder decided at the send', value: decided, unit: 'per second and core', aim: 100_000 },
  ];
}
