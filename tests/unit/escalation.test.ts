import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatFault, loadClinic } from '../../bin/clinic-folder.ts';
import { crossChecks, type PartialParts } from '../../functions/domain/clinic-checks.ts';
import { compileClinic } from '../../functions/domain/clinic-compile.ts';
import { type Calendars, escalationFaults } from '../../functions/domain/escalation-checks.ts';
import { compilePlan, escalationSchema } from '../../functions/domain/escalation-plan.ts';
import { findPeople, standInFor } from '../../functions/domain/on-call.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { exampleClinic } from '../example-clinic.ts';
import { escalationOf, planOf } from '../example-escalation.ts';

const { staff, tiers, absences } = escalationOf();
const [monday, sunday] = ['2026-03-02T10:00:00.000Z', '2026-03-01T10:00:00.000Z'];

const staffWith = (id: string, change: object) => staff.map((one) => (one.id === id ? { ...one, ...change } : one));
const away = (id: string, from: string, to: string, cover?: string) => ({ staff: id, from, to, cover });

const faultsOf = (change: object, calendars: Calendars = {}) =>
  escalationFaults(escalationOf(change), calendars, { timeZone: 'America/New_York', supervisor: 's-1' }).map(
    ({ path, message }) => `${path.join('.')} | ${message}`,
  );

const vacation = (days: string) =>
  `BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:${days.slice(0, 8)}\nDTEND;VALUE=DATE:${days.slice(9)}\nEND:VEVENT\nEND:VCALENDAR`;

describe('whom a step asks', () => {
  it("is the patient's own therapist, or whoever stands in outside working hours", () => {
    const plan = planOf();
    expect(findPeople(['caseload-owner'], 't-7', plan, monday).people).toEqual(['t-7']);
    expect(findPeople(['caseload-owner'], 't-7', plan, sunday).people).toEqual(['s-1']);
  });

  it.each([
    ['2026-08-02T23:59:59.999Z', 's-1', 'a Sunday: the usual cover'],
    ['2026-08-03T09:00:00.000Z', 't-8', 'the first day of the absence: its own cover'],
    ['2026-08-14T16:59:59.999Z', 't-8', 'the last day still counts'],
    ['2026-08-15T10:00:00.000Z', 's-1', 'a Saturday after it'],
    ['2026-08-17T09:00:00.000Z', 't-7', 'back'],
    ['2026-08-04T03:00:00.000Z', 's-1', 'at night the cover of the cover'],
  ])('follows absences and cover: at %s it is %s (%s)', (at, expected) => {
    expect(standInFor('t-7', planOf(), at)).toBe(expected);
  });

  it('takes an absence by the hour, and the usual cover where it names none', () => {
    const plan = planOf({ absences: [away('t-7', '2026-03-02T10:00', '2026-03-02T12:00')] });
    const people = ['09:59', '10:00', '11:59', '12:00'].map((time) =>
      standInFor('t-7', plan, `2026-03-02T${time}:00.000Z`),
    );
    expect(people).toEqual(['t-7', 's-1', 's-1', 't-7']);
  });

  it('is nobody where everyone stands in for everyone and all are away', () => {
    const plan = planOf({ absences: ['s-1', 'l-1'].map((id) => away(id, '2026-03-01', '2026-03-03')) });
    expect(standInFor('s-1', plan, monday)).toBeNull();
    expect(findPeople(['supervisor', 'clinical-lead'], null, plan, monday)).toEqual({
      people: [],
      missing: ['nobody with the role supervisor is there', 'nobody with the role clinical-lead is there'],
    });
  });

  it('is nobody where the therapist is unknown, or there is none: the record says which', () => {
    expect(findPeople(['caseload-owner'], 't-99', planOf(), monday).missing).toEqual(['nobody is there for t-99']);
    expect(findPeople(['caseload-owner'], null, planOf(), monday).missing).toEqual(['the patient has no therapist']);
  });

  it('names everybody once', () => {
    expect(findPeople(['caseload-owner', 'supervisor'], 't-7', planOf(), sunday).people).toEqual(['s-1']);
  });
});

describe('the plan of a clinic', () => {
  it("is read in the clinic's time zone", () => {
    const plan = compilePlan(escalationOf(), {}, 'America/New_York');
    expect(plan.absences).toEqual([
      { staff: 't-7', from: '2026-08-03T04:00:00.000Z', until: '2026-08-15T04:00:00.000Z', cover: 't-8' },
    ]);
    expect(plan.workingHours.week).toEqual(
      [1, 1, 1, 1, 1, 0, 0].map((works) => (works === 1 ? [{ from: 540, to: 1020 }] : [])),
    );
  });

  it('has a hash of its own: a new holiday makes no night look at everybody again', () => {
    const programme = { ...exampleClinic.programme, modules: [{ id: 'm1', title: 'One' }] };
    const parts = { ...exampleClinic, programme, measures: {}, calendars: {} };
    const compile = (change: object) => compileClinic({ ...parts, escalation: escalationOf(change) });
    const [one, other] = [compile({}), compile({ holidays: [] })];
    expect(other.hash).toBe(one.hash);
    expect(other.escalation.hash).not.toBe(one.escalation.hash);
  });

  it('takes absences out of calendars', () => {
    const until = '2026-03-03T00:00:00.000Z';
    const plan = compilePlan(escalationOf({ absences: [] }), { 't-7': [{ from: sunday, until }] }, 'UTC');
    expect(standInFor('t-7', plan, monday)).toBe('s-1');
  });

  it.each<[string, object]>([
    [
      'a step without anybody',
      { tiers: { ...tiers, list: { ...tiers.list, steps: [{ notify: [], wait: { hours: 1 } }] } } },
    ],
    [
      'two units in one wait',
      { tiers: { ...tiers, list: { ...tiers.list, outcomeWithin: { hours: 1, minutes: 1 } } } },
    ],
    ['a wait without a unit', { tiers: { ...tiers, list: { ...tiers.list, outcomeWithin: {} } } }],
    [
      'working hours in what is urgent',
      { tiers: { ...tiers, urgent: { ...tiers.urgent, outcomeWithin: { workingHours: 1 } } } },
    ],
    ['a snooze in what is urgent', { tiers: { ...tiers, urgent: { ...tiers.urgent, longestSnoozeHours: 1 } } }],
    ['no working hours at all', { workingHours: {} }],
    ['working hours that end before they start', { workingHours: { monday: [{ from: '17:00', to: '09:00' }] } }],
    [
      'working hours that overlap',
      {
        workingHours: {
          monday: [
            { from: '09:00', to: '12:00' },
            { from: '11:00', to: '13:00' },
          ],
        },
      },
    ],
    ['a day that does not exist', { holidays: ['2026-02-30'] }],
    ['a date in other words', { holidays: ['25 December'] }],
    ['a time that does not exist', { absences: [away('t-7', '2026-03-02T25:00', '2026-03-03')] }],
  ])('is refused with %s', (_, change) => {
    expect(escalationSchema.safeParse({ ...escalationOf(), ...change }).success).toBe(false);
  });

  it('may have several spans in a day', () => {
    const workingHours = {
      monday: [
        { from: '08:00', to: '12:00' },
        { from: '12:00', to: '24:00' },
      ],
    };
    expect(planOf({ workingHours }).workingHours.week[0]).toEqual([
      { from: 480, to: 720 },
      { from: 720, to: 1440 },
    ]);
  });
});

describe('tandem check', () => {
  const instead = 'name a cover who is there, or reachable: always';

  it('finds nothing in the plan that is shipped', () => {
    expect(faultsOf({})).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a person listed twice', { staff: [...staff, staff[0]] }, 'staff.6.id | id: t-7 is listed twice: keep one'],
    [
      'somebody who stands in for themselves',
      { staff: staffWith('s-1', { cover: 's-1' }) },
      'staff.2.cover | cover: write somebody else, or leave it out',
    ],
    [
      'a cover nobody knows',
      { staff: staffWith('t-8', { cover: 'x' }) },
      'staff.1.cover | cover: x is not on the staff list: add this person, or write another',
    ],
    [
      'an absence of nobody',
      { absences: [away('x', '2026-03-02', '2026-03-02')] },
      'absences.0.staff | staff: x is not on the staff list: add this person, or write another',
    ],
    [
      'an absence with a cover nobody knows',
      { absences: [away('t-7', '2026-03-02', '2026-03-02', 'x')] },
      'absences.0.cover | cover: x is not on the staff list: add this person, or write another',
    ],
    [
      'an absence that ends before it starts',
      { absences: [away('t-7', '2026-03-02', '2026-03-01')] },
      'absences.0.to | to: does not come after from: write a later day or moment',
    ],
    [
      'no operator',
      { staff: staff.filter(({ id }) => id !== 'o-1') },
      'staff | staff: nobody has the role operator, whom alerts go to in the end: add somebody',
    ],
    [
      'more supervisors than a record can name',
      { staff: [...staff, ...Array.from({ length: 20 }, (_, index) => ({ ...staff[2], id: `s-1${index}` }))] },
      'staff | staff: more than 20 people have the role supervisor: keep it to those who answer',
    ],
    [
      'another supervisor than clinic.yaml',
      { staff: staff.map((one) => (one.id === 's-1' ? { ...one, id: 's-2' } : { ...one, cover: undefined })) },
      'staff | staff: s-1, the supervisor of clinic.yaml, is not listed with the role supervisor: add it, or change clinic.yaml',
    ],
  ])('refuses %s', (_, change, expected) => {
    const more = 'absences' in change ? change : { ...change, absences: [] };
    expect(faultsOf(more)).toEqual([expected]);
  });

  it('refuses a therapist for whom nobody is there at some hour of a week', () => {
    expect(faultsOf({ absences: [], staff: staffWith('t-7', { cover: undefined }) })).toEqual([
      `staff.0.id | id: on a monday at 00:00 step 1 of urgent finds nobody for t-7: ${instead}`,
    ]);
  });

  it('refuses a step for which nobody is there at some hour of a week', () => {
    const change = { absences: [], staff: staffWith('l-1', { cover: undefined, reachable: 'working-hours' }) };
    expect(faultsOf(change)).toEqual([
      `tiers.urgent.steps.2.notify | notify: on a monday at 00:00 step 3 of urgent finds nobody for clinical-lead: ${instead}`,
    ]);
  });

  it('lets a held step, and a list, wait for working hours', () => {
    const urgent = { ...tiers.urgent, steps: [{ notify: ['clinical-lead'], wait: { minutes: 30 } }] };
    const daytime = staff.map((one) =>
      one.id === 'l-1' ? one : { ...one, cover: undefined, reachable: 'working-hours' },
    );
    expect(faultsOf({ absences: [], staff: daytime, tiers: { ...tiers, urgent } })).toEqual([]);
    const unheld = { ...tiers, urgent, alert: { ...tiers.alert, holdOutsideHours: false } };
    expect(faultsOf({ absences: [], staff: daytime, tiers: unheld })).toHaveLength(3);
  });

  it.each<[string, object[], string | null]>([
    [
      'both who stand in for each other',
      [away('s-1', '2026-03-02', '2026-03-08'), away('l-1', '2026-03-05T13:00', '2026-03-05T15:00')],
      'absences.0.staff | staff: on 2026-03-05 at 13:00 step 2 of urgent finds nobody for supervisor',
    ],
    [
      'the one who stands in at night',
      [away('t-8', '2026-03-02', '2026-03-08', 'o-1'), away('s-1', '2026-03-04', '2026-03-04', 't-8')],
      null,
    ],
    ['one of them', [away('s-1', '2026-03-02', '2026-03-08')], null],
    ['one after the other', [away('s-1', '2026-03-02', '2026-03-03'), away('l-1', '2026-03-04', '2026-03-05')], null],
  ])('looks at every absence: %s', (_, list, expected) => {
    const found = faultsOf({ absences: list });
    expect(found[0]?.slice(0, expected?.length) ?? null).toBe(expected);
  });

  it('refuses an absence of somebody whom another therapist needs, and of a role in the plan', () => {
    const lonely = staffWith('s-1', { cover: undefined });
    const found = faultsOf({ staff: lonely, absences: [away('s-1', '2026-03-07', '2026-03-07')] });
    expect(found).toEqual([
      `absences.0.staff | staff: on 2026-03-07 at 00:00 step 1 of urgent finds nobody for t-7: ${instead}`,
    ]);
    const roleOnly = staffWith('l-1', { cover: undefined });
    expect(faultsOf({ staff: roleOnly, absences: [away('l-1', '2026-03-07', '2026-03-07')] })).toEqual([
      `absences.0.staff | staff: on 2026-03-07 at 00:00 step 3 of urgent finds nobody for clinical-lead: ${instead}`,
    ]);
  });

  it('looks at calendars too, and passes over one that cannot be read', () => {
    const lonely = staffWith('s-1', { cover: undefined, calendar: 'calendars/s-1.ics' });
    const stretch = { from: '2026-03-07T14:00:00.000Z', until: '2026-03-07T15:00:00.000Z' };
    expect(faultsOf({ staff: lonely }, { 's-1': [stretch, stretch] })).toEqual([
      `staff.2.calendar | calendar: on 2026-03-07 at 09:00 step 1 of urgent finds nobody for t-7: ${instead}`,
    ]);
    expect(faultsOf({ staff: lonely }, { 's-1': null })).toEqual([]);
  });

  it('cannot look where clinic.yaml or escalation.yaml has faults of its own', () => {
    const { settings, rules, messages } = exampleClinic;
    const parts: PartialParts = {
      settings,
      rules,
      messages,
      programme: null,
      measures: {},
      calendars: {},
      escalation: escalationOf({ staff: staffWith('t-8', { cover: 'x' }), absences }),
    };
    const files = (change: object) => crossChecks({ ...parts, ...change }).map(({ file }) => file);
    expect(files({ rules: null })).toEqual(['escalation.yaml']);
    expect(files({ rules: null, escalation: null })).toEqual([]);
    expect(files({ rules: null, settings: null })).toEqual([]);
  });
});

describe('escalation.yaml in a clinic folder', () => {
  let copy: ReturnType<typeof copyOfClinic>;
  beforeEach(() => {
    copy = copyOfClinic();
    mkdirSync(join(copy.folder, 'calendars'));
  });
  afterEach(() => copy.remove());

  const withCalendar = (id: string) =>
    copy.write(
      'escalation.yaml',
      copy.read('escalation.yaml').replace(`  - id: ${id}\n`, `  - id: ${id}\n    calendar: calendars/${id}.ics\n`),
    );
  const faults = () => {
    const loaded = loadClinic(copy.folder);
    return 'faults' in loaded ? loaded.faults.map((fault) => formatFault(fault).slice(copy.folder.length + 1)) : [];
  };

  it('takes absences from the calendar a person has', () => {
    withCalendar('t-8');
    copy.write('calendars/t-8.ics', vacation('20260302-20260304'));
    const loaded = loadClinic(copy.folder);
    expect('clinic' in loaded && standInFor('t-8', loaded.clinic.escalation, '2026-03-03T15:00:00.000Z')).toBe('s-1');
    expect('clinic' in loaded && standInFor('t-8', loaded.clinic.escalation, '2026-03-04T15:00:00.000Z')).toBe('t-8');
  });

  it('is refused with the line of the person whose calendar leaves nobody', () => {
    withCalendar('s-1');
    withCalendar('l-1');
    copy.write('calendars/s-1.ics', vacation('20260302-20260304'));
    copy.write('calendars/l-1.ics', vacation('20260303-20260305'));
    expect(faults()[0]).toMatch(
      /^escalation\.yaml:\d+: calendar: on 2026-03-03 at 00:00 step 1 of urgent finds nobody for t-7/,
    );
  });

  it('is refused with a calendar that is missing or broken, which is named by its own line', () => {
    withCalendar('t-7');
    withCalendar('t-8');
    copy.write('calendars/t-8.ics', vacation('20260302-20260304').replace('DTSTART', 'X'));
    expect(faults()).toEqual([
      'calendars/t-7.ics:1: is missing: add the file',
      'calendars/t-8.ics:3: this entry has no DTSTART: enter it again',
    ]);
  });

  it('is refused with the line of a cover that is not there', () => {
    copy.write('escalation.yaml', copy.read('escalation.yaml').replace('    cover: t-8', '    cover: t-9'));
    const line = copy.read('escalation.yaml').split('\n').indexOf('    cover: t-9') + 1;
    expect(faults()).toEqual([
      `escalation.yaml:${line}: cover: t-9 is not on the staff list: add this person, or write another`,
    ]);
  });
});
