import { expect, it } from 'vitest';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { type DryRunLine, dryRun } from '../../functions/domain/reminder-dry-run.ts';
import { clinicWith, enrolment, generous, rule } from '../reminder-patients.ts';
import { type Brief, completed, onDay } from '../risk-patients.ts';

const eventsOf = (briefs: readonly Brief[]) =>
  briefs.map(
    ([day, type, data = {}], index) =>
      ({ id: `ev-${index}`, type, occurredAt: onDay(day), patient: 'vendor-1', data }) as ClinicalEvent,
  );
const run = (briefs: readonly Brief[], clinic: ReturnType<typeof clinicWith>, days: number) => [
  ...dryRun(eventsOf(briefs), clinic, onDay(days)),
];
const what = (line: DryRunLine) => ('channel' in line ? line.channel : line.heldBack);

it('says what goes out, what waits and what is dropped, as it would happen with every reminder sent', () => {
  const kinds = [rule('welcome', 0, { validForDays: 2 }), rule('questionnaire-due'), rule('module-due')];
  const clinic = clinicWith({ kinds, caps: { perDay: 1, perWeek: 4 } });
  const lines = run([...enrolment('America/New_York'), completed(5, 'm1')], clinic, 8);
  expect(lines).toEqual([
    {
      at: '2026-03-02T23:00:00.000Z',
      local: '2026-03-02T18:00-05:00',
      template: 'welcome',
      channel: 'sms',
      crisisLine: false,
      why: 'the patient has enrolled',
    },
    {
      at: '2026-03-02T23:00:00.000Z',
      local: '2026-03-02T18:00-05:00',
      template: 'questionnaire-due',
      heldBack: 'cap',
      until: null,
      why: 'due on day 0: eheals, gad-7, isi, phq-9; as many reminders as a patient may get have gone out: dropped',
    },
    {
      at: '2026-03-09T22:00:00.000Z',
      local: '2026-03-09T18:00-04:00',
      template: 'questionnaire-due',
      channel: 'sms',
      crisisLine: false,
      why: 'due on day 7: phq-9',
    },
    {
      at: '2026-03-09T22:00:00.000Z',
      local: '2026-03-09T18:00-04:00',
      template: 'module-due',
      heldBack: 'completed',
      until: null,
      why: 'module m1 is due on day 7; it is done: dropped',
    },
  ]);
});

it('shows a wait once, in the order of time, also where events come in between', () => {
  const kinds = [rule('welcome', 0, { validForDays: 2 }), rule('inactivity', 1, { validForDays: 2 })];
  const clinic = clinicWith({ ...generous, kinds });
  const pause: Brief[] = [
    [0.1, 'EnrolmentPaused', { until: onDay(1) }],
    [0.26, 'TherapistAssigned', { therapist: 't-2' }],
    [0.27, 'TherapistAssigned', { therapist: 't-3' }],
  ];
  const lines = run([...enrolment('UTC'), ...pause], clinic, 2);
  expect(lines.map((line) => [line.at, line.template, what(line)])).toEqual([
    ['2026-03-02T18:00:00.000Z', 'welcome', 'paused'],
    ['2026-03-03T18:00:00.000Z', 'welcome', 'sms'],
  ]);
  expect(lines[0]).toMatchObject({ until: '2026-03-03T18:00:00.000Z' });
  expect(lines[0]?.why).toContain('the patient pauses: waits until 2026-03-03T18:00+00:00');
});

it('shows waits of several reminders at one moment, and ends before its end', () => {
  const kinds = [rule('welcome', 0, { validForDays: 2 }), rule('questionnaire-due', 0, { validForDays: 2 })];
  const lines = run([...enrolment('UTC')], clinicWith({ ...generous, kinds, holidays: ['2026-03-02'] }), 1);
  expect(lines.map((line) => [line.template, what(line)])).toEqual([
    ['welcome', 'holiday'],
    ['questionnaire-due', 'holiday'],
  ]);
});

it("T09: says where the local time is the clinic's, since the patient has no zone", () => {
  const [line] = run(enrolment(), clinicWith({ kinds: [rule('welcome')] }), 5);
  expect(line).toMatchObject({
    local: '2026-03-02T18:00-05:00',
    why: "the patient has enrolled; the local time is the clinic's, since the patient has no zone",
  });
});

it('gives the same whatever the order of the events, and nothing where there are none', () => {
  const clinic = clinicWith({ kinds: [rule('welcome'), rule('module-due')] });
  const events = eventsOf([...enrolment('UTC'), completed(5, 'm1')]);
  const lines = [...dryRun(events, clinic, onDay(30))];
  expect([...dryRun(events.toReversed(), clinic, onDay(30))]).toEqual(lines);
  expect(lines).toHaveLength(5);
  expect([...dryRun([], clinic, onDay(30))]).toEqual([]);
});
