import type { Clinic } from '../../functions/domain/clinic.ts';
import type { EventType } from '../../functions/domain/event.ts';
import { days, epochMilliseconds, hours, type Instant, instantAt } from '../../functions/domain/instant.ts';
import { type Measure, totalRange } from '../../functions/domain/measure.ts';
import { Chance } from './chance.ts';
import { type Totals, totalAt, totalsOf } from './totals.ts';

/** One event of a simulated patient, in the public form. */
export interface SimulatedEvent {
  readonly id: string;
  readonly type: EventType;
  readonly occurredAt: Instant;
  readonly patient: string;
  readonly data: unknown;
}

export interface Cohort {
  readonly patients: number;
  /** How long each patient is followed after the enrolment. */
  readonly weeks: number;
  /** The same seed gives the same events, and a larger cohort starts with the smaller one. */
  readonly seed: number;
  /** The first day of enrolments, which spread over four weeks. */
  readonly start: Instant;
}

type Engagement = 'low' | 'late' | 'rapid-disengagement' | 'steady';

/** What a patient does in a week: days with a log-in, modules at a weekly pace, share of questionnaires answered. */
interface Week {
  readonly logIns: number;
  readonly modules: number;
  readonly answers: number;
}

interface Style {
  /** Share of patients: published engagement classes (domain literature). */
  readonly share: number;
  /** Share of the class that drops out: chosen so that about 30 % of all do. */
  readonly dropsOut: number;
  /** From this part of the time on, `later` holds. */
  readonly turn: number;
  readonly early: Week;
  readonly later: Week;
}

const low = { logIns: 1.2, modules: 0.45, answers: 0.7 };
const steady = { logIns: 4, modules: 1, answers: 0.95 };
const styles: Readonly<Record<Engagement, Style>> = {
  low: { share: 0.365, dropsOut: 0.42, turn: 1, early: low, later: low },
  late: {
    share: 0.214,
    dropsOut: 0.12,
    turn: 0.35,
    early: { logIns: 0.8, modules: 0.2, answers: 0.75 },
    later: { logIns: 3.5, modules: 1.4, answers: 0.85 },
  },
  'rapid-disengagement': {
    share: 0.255,
    dropsOut: 0.48,
    turn: 0.3,
    early: { logIns: 5, modules: 1.3, answers: 0.95 },
    later: { logIns: 0.6, modules: 0.15, answers: 0.5 },
  },
  steady: { share: 0.166, dropsOut: 0.03, turn: 1, early: steady, later: steady },
};

const shareOf = (style: Style) => [style, style.share] as const;

/** Share of patients who truly get worse: chosen so that 5 to 10 % are seen to be reliably worse. */
const getsWorse = 0.13;
/** Any thought of self-harm at the start (domain literature); the chance rises with the total, whose mean is 12.96. */
const anySelfHarm = 0.26;
const meanTotal = 12.96;

const barriers = ['time', 'motivation', 'fit', 'contact', 'technology'] as const;

/** Patients one after another, each with all events in order of time. Everything in them is made up. */
export function* simulate(cohort: Cohort, clinic: Clinic): Generator<SimulatedEvent> {
  const measures = clinic.programme.measures.flatMap(({ measure: id, dueDays }) => {
    const measure = clinic.measures.find((one) => one.id === id);
    return measure === undefined ? [] : [{ measure, dueDays, totals: totalsOf(measure) }];
  });
  for (let number = 1; number <= cohort.patients; number++) {
    const patient = new Patient(number, cohort, clinic);
    patient.live(measures);
    yield* patient.history();
  }
}

interface Planned {
  readonly measure: Measure;
  readonly dueDays: readonly number[];
  readonly totals: Totals;
}

class Patient {
  readonly #chance: Chance;
  readonly #name: string;
  readonly #clinic: Clinic;
  readonly #enrolledAt: number;
  readonly #days: number;
  readonly #style: Style;
  /** Day of the last activity of those who drop out; null for the others. */
  readonly #leavesOn: number | null;
  /** What becomes of the distress at the start by the end: -1 all gone, 0 as before. */
  readonly #course: number;
  readonly #distress: number;
  readonly #selfHarm: { readonly proneness: number; readonly answer: number };
  readonly #events: { at: number; type: EventType; data: unknown }[] = [];

  constructor(number: number, { weeks, seed, start }: Cohort, clinic: Clinic) {
    const chance = new Chance(`${seed}/${number}`);
    this.#chance = chance;
    this.#name = `sim-${seed}-${String(number).padStart(6, '0')}`;
    this.#clinic = clinic;
    this.#enrolledAt = epochMilliseconds(start) + chance.whole(0, 27) * days + chance.whole(8 * 60, 20 * 60) * 60_000;
    this.#days = weeks * 7;
    this.#style = chance.pick(
      shareOf(styles.low),
      shareOf(styles.late),
      shareOf(styles['rapid-disengagement']),
      shareOf(styles.steady),
    );
    this.#leavesOn = chance.happens(this.#style.dropsOut)
      ? chance.whole(Math.ceil(this.#days * 0.1), Math.floor(this.#days * 0.7))
      : null;
    this.#course = chance.happens(getsWorse) ? 1 : Math.max(-0.95, -0.45 + 0.25 * chance.normal());
    this.#distress = chance.normal();
    this.#selfHarm = {
      proneness: chance.next(),
      answer: chance.pick([1, 0.75], [2, 0.17], [3, 0.08]),
    };
  }

  live(measures: readonly Planned[]): void {
    this.#enrols();
    for (let week = 0; week * 7 < this.#days; week++) this.#liveWeek(week);
    for (const planned of measures) this.#answers(planned);
    this.#ends();
  }

  *history(): Generator<SimulatedEvent> {
    const inOrder = this.#events.toSorted((a, b) => a.at - b.at);
    for (const [index, { at, type, data }] of inOrder.entries())
      yield { id: `${this.#name}-${index + 1}`, type, occurredAt: instantAt(at), patient: this.#name, data };
  }

  #add(day: number, type: EventType, data: unknown): void {
    // Enrolment first; on other days some time of the day.
    const at = day === 0 ? this.#events.length * 60_000 : day * days + this.#chance.whole(-8 * 60, 8 * 60) * 60_000;
    this.#events.push({ at: this.#enrolledAt + at, type, data });
  }

  #enrols(): void {
    const chance = this.#chance;
    const track = chance.pick(['therapist-supported', 0.75], ['self-guided', 0.25]);
    this.#add(0, 'PatientEnrolled', {
      programme: this.#clinic.programme.id,
      track,
      therapist: track === 'self-guided' ? null : `t-${chance.whole(1, 8)}`,
      timeZone: chance.pick(['America/New_York', 0.5], ['America/Chicago', 0.3], ['America/Los_Angeles', 0.2]),
      contact: { preferred: 'email', email: `${this.#name}@example.org` },
      language: 'en',
    });
    this.#add(0, 'ConsentGiven', { scopes: chance.happens(0.97) ? ['scoring', 'reminders'] : ['reminders'] });
  }

  #weekOn(day: number): Week {
    return day < this.#style.turn * this.#days ? this.#style.early : this.#style.later;
  }

  #isThere(day: number): boolean {
    return day < this.#days && (this.#leavesOn === null || day <= this.#leavesOn);
  }

  #completed = 0;
  readonly #ownMinutes = { mean: 0 };

  #liveWeek(week: number): void {
    const chance = this.#chance;
    const habits = this.#weekOn(week * 7);
    for (let day = Math.max(1, week * 7); day < week * 7 + 7; day++)
      if (this.#isThere(day) && chance.happens(habits.logIns / 7))
        this.#add(day, 'PatientActive', { kind: 'log-in', minutes: chance.whole(3, 40) });
    this.#ownMinutes.mean ||= chance.whole(25, 55);
    for (let count = chance.about((habits.modules * 7) / this.#clinic.programme.paceDays); count > 0; count--) {
      const module = this.#clinic.programme.modules[this.#completed];
      const day = week * 7 + chance.whole(1, 6);
      if (module === undefined || !this.#isThere(day)) break;
      const minutes = Math.max(5, Math.round(this.#ownMinutes.mean * (1 + 0.2 * chance.normal())));
      this.#add(day, 'ModuleCompleted', { module: module.id, minutes });
      this.#completed++;
    }
    if (this.#isThere(week * 7 + 6) && chance.happens(0.3))
      this.#add(week * 7 + 6, 'MessageExchanged', { from: 'patient', to: 'therapist' });
  }

  /** Whoever comes answers the first questionnaires; later ones as the habits of the week are. */
  #answers({ measure, dueDays, totals }: Planned): void {
    const chance = this.#chance;
    // Distress is shared between measures: about 0.7 correlated, as PHQ-9 and GAD-7 are. The logistic curve is within
    // 0.01 of the normal one.
    const own = 0.84 * this.#distress + 0.55 * chance.normal();
    const first = totalAt(1 / (1 + Math.exp(-1.702 * own)), totals);
    for (const [index, day] of dueDays.entries()) {
      if (index > 0 && !(this.#isThere(day) && chance.happens(this.#weekOn(day).answers))) continue;
      const total = index === 0 ? first : this.#totalOn(day, first, measure);
      const answers: (number | null)[] = this.#spread(total, measure);
      if (index > 0 && chance.happens(0.02)) answers[chance.whole(0, answers.length - 1)] = null;
      this.#add(day, 'QuestionnaireSubmitted', { measure: measure.id, answers });
    }
  }

  #totalOn(day: number, first: number, measure: Measure): number {
    const { min, max } = totalRange(measure);
    if (measure.direction === 'higher-is-better') return first;
    // Those who get worse go up by a third of the range, whatever they start from.
    const end = this.#course > 0 ? first + (max - min) / 3 : first + this.#course * (first - min);
    const now = first + (end - first) * Math.min(1, day / this.#days) + 1.2 * this.#chance.normal();
    return Math.min(max, Math.max(min, Math.round(now)));
  }

  /** A total as answers to the items, the safety item by its own chance. */
  #spread(total: number, measure: Measure): number[] {
    const { min, max } = measure.range;
    const answers = measure.items.map(() => min);
    let rest = total - min * answers.length;
    const safety = (measure.safetyItem ?? 0) - 1;
    if (safety >= 0) {
      const most = Math.min(rest, max - min);
      const wanted = this.#selfHarm.proneness < (anySelfHarm * total) / meanTotal ? this.#selfHarm.answer : 0;
      const least = rest - (max - min) * (answers.length - 1);
      const points = Math.max(least, Math.min(most, wanted));
      answers[safety] = min + points;
      rest -= points;
    }
    while (rest > 0) {
      const item = this.#chance.whole(0, answers.length - 1);
      const answer = answers[item];
      if (answer === undefined || answer === max || item === safety) continue;
      answers[item] = answer + 1;
      rest--;
    }
    return answers;
  }

  #ends(): void {
    const lastHour = this.#days - 9 / 24;
    if (this.#leavesOn !== null) {
      const day = this.#leavesOn + 1;
      if (this.#chance.happens(0.4))
        this.#add(this.#leavesOn, 'BarrierReported', { barrier: barriers[this.#chance.whole(0, 4)] });
      this.#add(Math.min(lastHour, day + this.#chance.whole(7, 20)), 'EnrolmentEnded', { reason: 'dropped-out' });
    } else if (this.#completed === this.#clinic.programme.modules.length) {
      this.#events.push({
        at: this.#enrolledAt + this.#days * days + hours,
        type: 'EnrolmentEnded',
        data: { reason: 'completed' },
      });
    }
  }
}
