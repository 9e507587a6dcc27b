import type { Clinic } from '../functions/domain/clinic.ts';
import type { ClinicalEvent } from '../functions/domain/event.ts';
import { fold } from '../functions/domain/fold.ts';
import { days, hours, type Instant, instantAt } from '../functions/domain/instant.ts';
import type { PatientState } from '../functions/domain/patient.ts';
import { exampleClinic } from './example-clinic.ts';
import { outsideRows } from './outside-data.ts';

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

/** What the sources mean by leaving: hands in under 75 % of all modules; or, active so far, is silent from day D+8 to D+35. */
export type LearnerTarget = 'few_modules' | 'silent';

export interface LearnerCase {
  readonly clinic: Clinic;
  readonly state: PatientState;
  /** The end of the decision day. */
  readonly at: Instant;
  readonly outcome: boolean;
}

/** Everybody still registered on the decision day, as in oulad-baseline.csv. */
export function learnerCases(run: string, day: number, target: LearnerTarget): LearnerCase[] {
  const clinic = clinicOf(run);
  return learnersOf(run)
    .filter(({ registeredOn, leftOn }) => registeredOn <= day && leftOn > day)
    .filter(({ activeDays }) => target !== 'silent' || activeDays.some((one) => one >= day - 13 && one <= day))
    .map((learner) => ({
      clinic,
      state: fold(eventsOf(learner, day), clinic),
      at: instantAt(courseStart + (day + 1) * days - 1),
      outcome:
        target === 'silent'
          ? !learner.activeDays.some((one) => one >= day + 8 && one <= day + 35)
          : learner.submitted.size < 0.75 * clinic.programme.modules.length,
    }));
}
