import { describe, expect, it } from 'vitest';
import { Chance } from '../../bin/simulate/chance.ts';
import { type Cohort, type SimulatedEvent, simulate } from '../../bin/simulate/cohort.ts';
import { totalAt, totalsOf } from '../../bin/simulate/totals.ts';
import { readEvent } from '../../functions/domain/event.ts';
import { days, later } from '../../functions/domain/instant.ts';
import { exampleClinic } from '../example-clinic.ts';

const cohort: Cohort = { patients: 2000, weeks: 8, seed: 1, start: '2026-01-05T00:00:00.000Z' };
const events = [...simulate(cohort, exampleClinic)];
const patients = Map.groupBy(events, ({ patient }) => patient);

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const sd = (values: readonly number[]) =>
  Math.sqrt(sum(values.map((value) => (value - mean(values)) ** 2)) / (values.length - 1));

/** The complete answers of each patient to a measure, in order. */
function answered(measure: string): number[][][] {
  return [...patients.values()].map((history) =>
    history.flatMap(({ data }) => {
      const { measure: of, answers } = data as { measure?: string; answers?: number[] };
      return of === measure && answers !== undefined && !answers.includes(null as never) ? [answers] : [];
    }),
  );
}
const share = (count: number) => count / cohort.patients;
const having = (test: (history: readonly SimulatedEvent[]) => boolean) =>
  share([...patients.values()].filter(test).length);

const logIns = (history: readonly SimulatedEvent[], from: number, to: number) => {
  const start = (history[0] as SimulatedEvent).occurredAt;
  return history.filter(
    ({ type, occurredAt }) =>
      type === 'PatientActive' && occurredAt >= later(start, from * days) && occurredAt < later(start, to * days),
  ).length;
};

describe('a simulated cohort of 2,000', () => {
  it('starts with the published PHQ-9 and GAD-7: means and SDs within three standard errors', () => {
    for (const [measure, itsMean, itsSd] of [
      ['phq-9', 12.96, 5.81],
      ['gad-7', 11.85, 5.14],
    ] as const) {
      const first = answered(measure).map(([answers]) => sum(answers as number[]));
      expect(first).toHaveLength(2000);
      expect(Math.abs(mean(first) - itsMean)).toBeLessThan((3 * itsSd) / Math.sqrt(2000));
      expect(Math.abs(sd(first) - itsSd)).toBeLessThan((3 * itsSd) / Math.sqrt(4000));
    }
  });

  it('has thoughts of self-harm at the start in about 26 %', () => {
    const any = answered('phq-9').filter(([answers]) => (answers?.[8] as number) > 0);
    expect(Math.abs(share(any.length) - 0.26)).toBeLessThan(0.03);
  });

  it('loses about 30 %', () => {
    const dropsOut = having((history) =>
      history.some(
        ({ type, data }) => type === 'EnrolmentEnded' && (data as { reason: string }).reason === 'dropped-out',
      ),
    );
    expect(Math.abs(dropsOut - 0.3)).toBeLessThan(0.03);
  });

  it('gets reliably worse in 5 to 10 %', () => {
    const worse = answered('phq-9').filter((all) => sum(all.at(-1) as number[]) - sum(all[0] as number[]) >= 6);
    expect(share(worse.length)).toBeGreaterThan(0.05);
    expect(share(worse.length)).toBeLessThan(0.1);
  });

  it('shows the published engagement: a quarter starts high and soon falls off, a fifth starts late', () => {
    const falls = having((history) => logIns(history, 0, 14) >= 7 && logIns(history, 28, 56) <= 6);
    const rises = having((history) => logIns(history, 0, 14) <= 4 && logIns(history, 28, 56) >= 9);
    expect(Math.abs(falls - 0.255)).toBeLessThan(0.05);
    expect(Math.abs(rises - 0.214 * 0.88)).toBeLessThan(0.06);
  });

  it('holds only events that the door takes, in order of time for each patient, each id once', () => {
    expect(events.filter((event) => !('event' in readEvent(event, '2026-12-01T00:00:00.000Z')))).toEqual([]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const history of patients.values()) {
      expect(history.map(({ occurredAt }) => occurredAt)).toEqual(
        history.map(({ occurredAt }) => occurredAt).toSorted(),
      );
      expect(history[0]?.type).toBe('PatientEnrolled');
    }
  });

  it('is marked: every id of a patient and an event starts with "sim-"', () => {
    expect(events.every(({ id, patient }) => id.startsWith('sim-') && patient.startsWith('sim-'))).toBe(true);
  });
});

describe('a seed', () => {
  it('gives the same events again, and a smaller cohort the first of them', () => {
    const small = [...simulate({ ...cohort, patients: 20 }, exampleClinic)];
    expect(small).toEqual(events.slice(0, small.length));
    expect([...simulate({ ...cohort, patients: 20, seed: 2 }, exampleClinic)]).not.toEqual(small);
  });

  it('works for a single week and for a year', () => {
    for (const weeks of [1, 52]) {
      const short = [...simulate({ ...cohort, patients: 20, weeks }, exampleClinic)];
      expect(short.filter((event) => !('event' in readEvent(event, '2027-12-01T00:00:00.000Z')))).toEqual([]);
    }
  });

  it('spreads evenly', () => {
    const chance = new Chance('test');
    const numbers = Array.from({ length: 20_000 }, () => chance.next());
    expect(Math.abs(mean(numbers) - 0.5)).toBeLessThan(0.01);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
  });
});

describe('totals', () => {
  it('have the published mean and SD exactly, whatever is cut off at the ends', () => {
    for (const [id, itsMean, itsSd] of [
      ['phq-9', 12.96, 5.81],
      ['gad-7', 11.85, 5.14],
    ] as const) {
      const measure = exampleClinic.measures.find((one) => one.id === id);
      if (measure === undefined) throw new Error(id);
      const { min, chances } = totalsOf(measure);
      const is = sum(chances.map((chance, index) => chance * (min + index)));
      expect(is).toBeCloseTo(itsMean, 4);
      expect(Math.sqrt(sum(chances.map((chance, index) => chance * (min + index - is) ** 2)))).toBeCloseTo(itsSd, 4);
    }
  });

  it('reach from the lowest to the highest', () => {
    const totals = { min: 8, chances: [0.5, 0.25, 0.25] };
    expect([0, 0.49, 0.5, 0.75, 1].map((one) => totalAt(one, totals))).toEqual([8, 8, 9, 10, 10]);
  });
});
