import { describe, expect, it } from 'vitest';
import type { Clinic } from '../../functions/domain/clinic.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { fold } from '../../functions/domain/fold.ts';
import { days, instantAt } from '../../functions/domain/instant.ts';
import { type Measure, measureSchema } from '../../functions/domain/measure.ts';
import { type Assessment, assess } from '../../functions/domain/risk.ts';
import { type RiskRules, riskRulesSchema } from '../../functions/domain/risk-rules.ts';
import { exampleClinic } from '../example-clinic.ts';
import { auc, balancedAccuracy, hasOutsideData, outsideRows } from '../outside-data.ts';
import { answersOf, riskRules } from '../risk-patients.ts';

const start = Date.UTC(2026, 0, 5);

/** A measure for the test: single answers are not in the data, so any that add up to the total will do. */
function measureOf(id: string, items: number, highest: number): Measure {
  return measureSchema.parse({
    id,
    title: id,
    version: '1',
    range: { min: 0, max: highest },
    items: Array.from({ length: items }, (_, index) => ({ number: index + 1 })),
    direction: 'higher-is-worse',
    bands: [{ from: 0, to: items * highest, name: 'any' }],
  });
}

/** The shipped factor "fall-by-week-4" with its buckets and points, on another measure and with nothing beside it. */
function clinicWith(measure: Measure): Clinic {
  const rule = riskRules.deterioration.factors.find(({ factor }) => factor === 'fall-by-week-4');
  const risk: RiskRules = riskRulesSchema.parse({
    ...riskRules,
    deterioration: { levels: { yellow: 1, red: 3 }, factors: [{ ...rule, measure: measure.id }] },
  });
  const programme = { ...exampleClinic.programme, measures: [] };
  return { ...exampleClinic, programme, measures: [measure], rules: { ...exampleClinic.rules, risk } };
}

/** What the scan says on the day of the second total, with the first given at the start. */
function deterioration(clinic: Clinic, measure: Measure, totals: readonly (readonly [number, number])[]): Assessment {
  const highest = measure.range.max;
  const day = Math.max(...totals.map(([on]) => on));
  const events = [
    ['PatientEnrolled', { programme: 'depression', track: 'therapist-supported', timeZone: 'UTC' }, 0],
    ['ConsentGiven', { scopes: ['scoring'] }, 0],
    ...totals.map(([on, total]) => [
      'QuestionnaireSubmitted',
      { measure: measure.id, answers: answersOf(total, measure.items.length, highest) },
      on,
    ]),
  ].map(([type, data, on], index) => ({
    id: `ev-${index}`,
    type,
    occurredAt: instantAt(start + Number(on) * days),
    patient: 'p',
    data,
  })) as ClinicalEvent[];
  return assess(fold(events, clinic), clinic, instantAt(start + day * days)).assessments[1] as Assessment;
}

const known = (...cells: (string | undefined)[]) =>
  cells.every((cell) => cell !== undefined && !['', 'NA'].includes(cell));

describe.skipIf(!hasOutsideData)('non-response on real histories (skipped where ../shared/data is absent)', () => {
  it('BtheB: the fall of the BDI-II at 2 months tells no response at 8 months, AUC 0.72 or more', () => {
    const bdi = measureOf('bdi-ii', 21, 3);
    const clinic = clinicWith(bdi);
    const rows = outsideRows('outcomes/btheb.csv').filter((row) => known(row['bdi_0m'], row['bdi_2m'], row['bdi_8m']));
    const cases = rows.map((row) => {
      const [first, second, last] = [row['bdi_0m'], row['bdi_2m'], row['bdi_8m']].map(Number) as [
        number,
        number,
        number,
      ];
      const { score, factors } = deterioration(clinic, bdi, [
        [0, first],
        [60, second],
      ]);
      // Exactly half is a response: no factor, all of the fall that counts.
      return { score, fall: factors[0]?.value ?? 50, change: second - first, outcome: last > first / 2 };
    });
    const byChange = auc(cases.map((one) => ({ ...one, score: one.change })));
    const byFall = auc(cases.map((one) => ({ ...one, score: -one.fall })));
    console.info(
      `BtheB, n ${cases.length}: AUC by change ${byChange.toFixed(3)}, by the factor's value ${byFall.toFixed(3)}, by its points ${auc(cases).toFixed(3)}`,
    );
    expect(byChange).toBeGreaterThanOrEqual(0.72);
    expect(byFall).toBeGreaterThanOrEqual(0.72);
  });

  it('HAM-D: the flag at week 4 tells no response at week 6, balanced accuracy 0.78 or more', () => {
    const hamd = measureOf('ham-d', 17, 4);
    const clinic = clinicWith(hamd);
    const rows = outsideRows('outcomes/hamd-trial.csv').filter((row) =>
      known(row['hamd_0'], row['hamd_w4'], row['hamd_w6']),
    );
    const cases = rows.map((row) => {
      const [first, second, last] = [row['hamd_0'], row['hamd_w4'], row['hamd_w6']].map(Number) as [
        number,
        number,
        number,
      ];
      const { level } = deterioration(clinic, hamd, [
        [0, first],
        [28, second],
      ]);
      return { flag: level === 'red', outcome: last > first / 2 };
    });
    const reached = balancedAccuracy(cases);
    console.info(`HAM-D, n ${cases.length}: balanced accuracy ${reached.toFixed(3)}`);
    expect(cases).toHaveLength(129);
    expect(reached).toBeGreaterThanOrEqual(0.78);
  });
});
