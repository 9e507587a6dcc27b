import { describe, expect, it } from 'vitest';
import { explain, explainNotScored, wordingOf } from '../../functions/domain/explain.ts';
import type { Assessment, NotScored } from '../../functions/domain/risk.ts';
import type { Fitted } from '../../functions/domain/risk-rules.ts';
import { exampleClinic } from '../example-clinic.ts';
import { readingGrade } from '../reading-grade.ts';
import { active, phq9, riskRules, scored } from '../risk-patients.ts';

const wording = wordingOf(exampleClinic);

const of = (kind: Assessment['kind'], level: Assessment['level'], factors: Assessment['factors'] = []): Assessment => ({
  at: '2026-03-02T12:00:00.000Z',
  kind,
  level,
  score: factors.reduce((sum, { points }) => sum + points, 0),
  factors,
  reviewAt: null,
  rules: 'sha256:0',
});

/** Every factor of the shipped scorecards at once. */
const everything = (kind: 'dropout' | 'deterioration') =>
  of(
    kind,
    'red',
    riskRules[kind].factors.map(({ factor, reason, plain }) => ({ name: factor, value: 1, points: 1, reason, plain })),
  );
const safety = of('safety', 'red', [
  {
    name: 'safety-item:phq-9',
    value: 3,
    points: 3,
    reason: 'PHQ-9',
    plain: 'One of your answers was about thoughts of being dead or hurting yourself.',
  },
]);

describe('the measure of reading level used here', () => {
  it('tells a simple text from a hard one', () => {
    expect(readingGrade('The cat sat on the mat. It was warm.')).toBeLessThan(2);
    expect(
      readingGrade(
        'Continuous deterioration necessitates interdisciplinary reconsideration of therapeutic alternatives.',
      ),
    ).toBeGreaterThan(16);
  });
});

describe('for the patient', () => {
  const texts = [
    everything('dropout'),
    everything('deterioration'),
    safety,
    of('dropout', 'green'),
    of('deterioration', 'green'),
    of('safety', 'green'),
  ].map((assessment) => explain(assessment, 'patient', wording));
  const whys: NotScored[] = ['switched-off', 'not-enrolled', 'ended', 'no-consent', 'paused'];

  it.each([...texts, ...whys.map((why) => explainNotScored(why, 'patient'))])(
    'the words are of about sixth grade: %s',
    (text) => {
      expect(readingGrade(text)).toBeLessThanOrEqual(6.5);
    },
  );

  it('no score, level or rule is told, and no number but the crisis line', () => {
    const told = explain(scored('deterioration', [phq9(0, 3), phq9(7, 20)], 8), 'patient', wording);
    for (const text of [...texts, told]) {
      expect(text.replaceAll(wording.crisisLine, '')).not.toMatch(/\d|\bred\b|yellow|score|points|sha256|risk/i);
    }
  });

  it('every concern says what happens next, and that a person looks at it', () => {
    for (const text of texts.slice(0, 3))
      expect(text).toMatch(/What happens next: a person from your care team reads this/);
  });

  it('help in a crisis stands under every word on safety', () => {
    for (const text of [texts[2], texts[5]]) expect(text).toContain(wording.crisisLine);
  });

  it('a reason is told once, and none that counts for the patient', () => {
    const factor = { name: 'barriers', value: 1, points: 2, reason: 'r', plain: 'You told us.' };
    const twice = of('dropout', 'yellow', [factor, factor, { ...factor, points: -1, plain: 'You did well.' }]);
    const text = explain(twice, 'patient', wording);
    expect(text.match(/You told us/g)).toHaveLength(1);
    expect(text).not.toContain('You did well');
  });
});

describe('for the therapist', () => {
  it('every reason stands with its points and the value seen, and what the points rest on', () => {
    const assessment = scored('dropout', active(1), 8);
    expect(explain(assessment, 'therapist', wording)).toBe(
      [
        'Risk of leaving the programme: red, 9 points',
        '- No activity for 7 to 13 days (3 points)',
        '- Modules behind schedule: 1 (4 points)',
        '- Questionnaires overdue: 3 or more (2 points)',
        'Without a new event it stays so until Mar 14, 2026, 8:00 PM EDT.',
        `${riskRules.basis} The points have not been checked against this clinic's own history. A level is no probability.`,
        `Rules ${exampleClinic.hash}`,
      ].join('\n'),
    );
  });

  describe('points that were fitted', () => {
    const fitted: Fitted = {
      on: '2026-03-02',
      data: `sha256:${'0'.repeat(64)}`,
      outcome: 'dropout',
      week: 4,
      patients: 812,
      events: 260,
      simulated: false,
      sensitivity: 0.684,
      specificity: 0.721,
      balancedAccuracy: 0.703,
    };
    const explained = (kind: 'dropout' | 'deterioration', change: Partial<Fitted> = {}) => {
      const risk = { ...riskRules, [kind]: { ...riskRules[kind], fitted: { ...fitted, ...change } } };
      const fittedWording = wordingOf({ ...exampleClinic, rules: { ...exampleClinic.rules, risk } });
      return (shown: Assessment['kind']) => explain(of(shown, 'green'), 'therapist', fittedWording);
    };

    it('come with how they did on patients they were not learned from, as counts of a hundred', () => {
      expect(explained('dropout')('dropout')).toContain(
        'Checked on 2026-03-02 against the history of 812 patients, 260 of whom left the programme, each told at the end of ' +
          'week 4 by points learned from the others: of 100 who left the programme, 68 were red; of 100 who stayed, 72 were not. ' +
          'A level is no probability.',
      );
      expect(explained('dropout')('dropout')).not.toContain('not been checked');
    });

    it('say it of their own score only', () => {
      expect(explained('dropout')('deterioration')).toContain("not been checked against this clinic's own history");
      const deterioration = explained('deterioration', { outcome: 'no-response' })('deterioration');
      expect(deterioration).toContain(
        'of 100 who did not get better, 68 were red; of 100 who got better, 72 were not.',
      );
    });

    it('say what is too little to rely on: few patients, poor accuracy, made-up patients', () => {
      const text = explained('dropout', { patients: 120, balancedAccuracy: 0.61, simulated: true })('dropout');
      expect(text).toContain('120 simulated patients');
      for (const fault of ['patients are simulated', '120 patients are fewer than 500', '61.0 % is below 67.0 %'])
        expect(text).toContain(fault);
    });
  });

  it('words that tell of no check say that there was none', () => {
    const { fitted: _, ...unchecked } = wording;
    expect(explain(of('dropout', 'green'), 'therapist', unchecked)).toContain('have not been checked');
  });

  it('a clinic without scores has words of safety only', () => {
    const { risk: _, ...rules } = exampleClinic.rules;
    expect(wordingOf({ ...exampleClinic, rules })).toMatchObject({ basis: '', crisisLine: wording.crisisLine });
  });

  it('one that counts against the risk is said to', () => {
    const factor = { name: 'barriers', value: 1, points: -2, reason: 'Wrote to the therapist', plain: 'You wrote.' };
    expect(explain(of('dropout', 'green', [factor]), 'therapist', wording)).toContain(
      '- Wrote to the therapist (minus 2 points)',
    );
  });

  it('a list without reasons says so, and safety is said to be a rule', () => {
    const text = explain(of('safety', 'green'), 'therapist', wording);
    expect(text).toContain('- No reason on the list.');
    expect(text).toContain('it needs no score');
    expect(text).toContain('Changes only with a new event.');
    expect(explain(safety, 'therapist', wording)).toContain('Safety: red\n');
  });

  it('why nobody was scored is said', () => {
    expect(explainNotScored('no-consent', 'therapist')).toContain('no consent');
  });
});
