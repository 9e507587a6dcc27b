import { describe, expect, it } from 'vitest';
import type { Clinic } from '../../functions/domain/clinic.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { days, hours, instantAt } from '../../functions/domain/instant.ts';
import { assess, observe } from '../../functions/domain/risk.ts';
import { exampleClinic } from '../example-clinic.ts';
import { auc, hasOutsideData, outsideRows } from '../outside-data.ts';

/** Online learners, not patients: a stand-in for log-ins and modules. Day 0 is the start of the course. */
interface Learner {
  readonly activeDays: readonly number[];
  readonly submitted: ReadonlyMap<string, number>;
  readonly registeredOn: number;
  readonly leftOn: number;
}

const courseStart = Date.UTC(2013, 9, 1);

function learnersOf(run: string): Learner[] {
  return outsideRows('engagement/oulad-people.csv')
    .filter((row) => row['run'] === run)
    .map((row) => ({
      activeDays: (row['active_days'] ?? '').split(' ').filter(Boolean).map(Number),
      submitted: new Map(
        (row['submissions'] ?? '')
          .split(' ')
          .filter(Boolean)
          .map((pair) => {
            const [module = '', day] = pair.split(':');
            return [module, Number(day)] as const;
          }),
      ),
      registeredOn: Number(row['registered_day'] || Number.NEGATIVE_INFINITY),
      leftOn: Number(row['unregistered_day'] || Number.POSITIVE_INFINITY),
    }));
}

/** The run as a programme: its graded work are the modules; weeks of study are its pace; no questionnaires. */
function clinicOf(run: string): Clinic {
  const modules = outsideRows('engagement/oulad-modules.csv')
    .filter((row) => row['run'] === run)
    .map((row) => ({ id: `m${row['module']}`, title: 'graded work', dueDay: Number(row['due_day']) }));
  return { ...exampleClinic, programme: { id: 'course', paceDays: 7, modules, measures: [] } };
}

const event = (day: number, hour: number, type: string, data: unknown) => ({
  id: `${type}-${day}-${JSON.stringify(data)}`,
  type,
  occurredAt: instantAt(courseStart + day * days + hour * hours),
  patient: 'learner',
  data,
});

/** What a clinic would have received of a learner by the end of a day. */
function eventsOf({ activeDays, submitted }: Learner, lastDay: number): ClinicalEvent[] {
  return [
    event(0, 0, 'PatientEnrolled', { programme: 'course', track: 'therapist-supported', timeZone: 'UTC' }),
    event(0, 0, 'ConsentGiven', { scopes: ['scoring'] }),
    ...activeDays.filter((day) => day <= lastDay).map((day) => event(day, 12, 'PatientActive', { kind: 'log-in' })),
    ...[...submitted]
      .filter(([, day]) => day <= lastDay)
      .map(([module, day]) => event(day, 12, 'ModuleCompleted', { module: `m${module}` })),
  ] as ClinicalEvent[];
}

interface Case {
  readonly score: number;
  readonly silence: number;
  readonly outcome: boolean;
}

/** Everybody still registered on the decision day, as in oulad-baseline.csv. */
function casesOf(run: string, day: number, target: 'few_modules' | 'silent'): Case[] {
  const clinic = clinicOf(run);
  return learnersOf(run)
    .filter(({ registeredOn, leftOn }) => registeredOn <= day && leftOn > day)
    .filter(({ activeDays }) => target !== 'silent' || activeDays.some((one) => one >= day - 13 && one <= day))
    .map((learner) => {
      const endOfDay = instantAt(courseStart + (day + 1) * days - 1);
      const state = fold(eventsOf(learner, day), clinic);
      return {
        score: assess(state, clinic, endOfDay).assessments[0]?.score ?? Number.NaN,
        silence: observe(state, clinic, endOfDay)?.get('silence') ?? Number.NaN,
        outcome:
          target === 'silent'
            ? !learner.activeDays.some((one) => one >= day + 8 && one <= day + 35)
            : learner.submitted.size < 0.75 * clinic.programme.modules.length,
      };
    });
}

describe.skipIf(!hasOutsideData)('dropout score on online learners (skipped where ../shared/data is absent)', () => {
  it.each([
    ['few_modules', 922, 354, 0.71],
    ['silent', 798, 56, 0.79],
  ] as const)(
    'run BBB-2013J, day 28, %s: the default, unfitted rules reach their bar',
    (target, people, having, bar) => {
      const cases = casesOf('BBB-2013J', 28, target);
      expect([cases.length, cases.filter(({ outcome }) => outcome).length]).toEqual([people, having]);
      const reached = auc(cases);
      console.info(`AUC ${target}, day 28, n ${people}: ${reached.toFixed(3)} (bar ${bar})`);
      expect(reached).toBeGreaterThanOrEqual(bar);
      // Better than days since the last activity alone, by at least 0.03.
      expect(reached - auc(cases.map((one) => ({ ...one, score: one.silence })))).toBeGreaterThanOrEqual(0.03);
    },
  );

  it.each(['few_modules', 'silent'] as const)(
    'run BBB-2013J, day 20, %s: better than silence alone by 0.03',
    (target) => {
      const cases = casesOf('BBB-2013J', 20, target);
      const reached = auc(cases);
      console.info(`AUC ${target}, day 20, n ${cases.length}: ${reached.toFixed(3)}`);
      expect(reached - auc(cases.map((one) => ({ ...one, score: one.silence })))).toBeGreaterThanOrEqual(0.03);
    },
  );
});
