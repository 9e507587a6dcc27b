import { describe, expect, it } from 'vitest';
import { unknownState } from '../../functions/domain/patient.ts';
import { assess, levelOf } from '../../functions/domain/risk.ts';
import { safetyRulesSchema, safetyTier } from '../../functions/domain/safety.ts';
import { exampleClinic } from '../example-clinic.ts';
import { active, type Brief, enrolled, gad7, onDay, phq9, riskRules, scored, stateOf } from '../risk-patients.ts';

const phq9With = (day: number, item9: number): Brief => [
  day,
  'QuestionnaireSubmitted',
  { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, item9] },
];

const answers = (measure: string, item9: number): Brief => [
  1,
  'QuestionnaireSubmitted',
  { measure, answers: [0, 0, 0, 0, 0, 0, 0, 0, item9] },
];

describe('an assessment', () => {
  it('is two scores, never one, with the hash of the rules', () => {
    const { assessments } = assess(stateOf(enrolled), exampleClinic, onDay(1));
    expect(assessments.map(({ kind }) => kind)).toEqual(['dropout', 'deterioration']);
    for (const one of assessments) expect(one).toMatchObject({ at: onDay(1), rules: exampleClinic.hash });
  });

  it('does not mix them: silence moves one, symptoms the other', () => {
    const worse = [phq9(0, 3), phq9(6, 20), gad7(0, 3)];
    expect(scored('deterioration', worse, 6.1).level).toBe('red');
    expect(scored('dropout', worse, 6.1).factors.map(({ name }) => name)).toEqual(['questionnaires-overdue']);
    expect(scored('dropout', [phq9(0, 3), gad7(0, 3)], 40).level).toBe('red');
  });

  it.each([
    [4, 'green'],
    [5, 'yellow'],
    [8, 'yellow'],
    [9, 'red'],
  ])('of %d points is %s', (score, level) => {
    expect(levelOf(score, riskRules.dropout)).toBe(level);
  });

  it('names when it could change without an event: the next bucket of any factor', () => {
    // Two days silent: the third is the first that counts.
    expect(scored('dropout', active(1), 3).reviewAt).toBe(onDay(4));
    // Local midnight after day 7: a module is behind, a questionnaire is missing.
    expect(scored('dropout', active(6, 7), 7).reviewAt).toBe(onDay(7.5));
    expect(scored('deterioration', [phq9(1, 4), gad7(1, 4)], 2).reviewAt).toBe(onDay(7.5));
  });

  it('has no review once nothing can change without an event', () => {
    const { assessments, reviewAt } = assess(stateOf(enrolled), exampleClinic, onDay(400));
    expect(assessments.map((one) => one.reviewAt)).toEqual([null, null]);
    expect(reviewAt).toBeNull();
  });

  it('takes the newest event for now where a clock runs ahead of ours', () => {
    const state = stateOf([...enrolled, ...active(10)]);
    const early = assess(state, exampleClinic, onDay(9.2));
    expect(early.reviewAt).toBe(assess(state, exampleClinic, onDay(10)).reviewAt);
  });

  it('passes over a factor on a measure that the clinic does not have', () => {
    const clinic = { ...exampleClinic, measures: [] };
    expect(assess(stateOf([...enrolled], clinic), clinic, onDay(60)).assessments[1]).toMatchObject({
      score: 0,
      factors: [],
    });
  });

  it('fills in the title of a measure as it stands, "$&" too', () => {
    const measures = exampleClinic.measures.map((one) => ({ ...one, title: '$&' }));
    const { factors } = scored('deterioration', [phq9(0, 12)], 1, 0, { ...exampleClinic, measures });
    expect(factors[0]?.reason).toBe('$& is 12, a case');
  });
});

describe('nobody is scored', () => {
  it.each([
    ['not-enrolled', [], 1, null],
    ['no-consent', enrolled.slice(0, 1), 1, null],
    ['no-consent', [...enrolled, [1, 'ConsentWithdrawn', { scopes: ['scoring'] }]], 1, null],
    ['ended', [...enrolled, [1, 'EnrolmentEnded', { reason: 'moved' }]], 1, null],
    ['paused', [...enrolled, [1, 'EnrolmentPaused', {}]], 90, null],
    ['paused', [...enrolled, [1, 'EnrolmentPaused', { until: onDay(5) }]], 4.99, onDay(5)],
  ] as [string, Brief[], number, string | null][])('who is %s: %j', (why, briefs, day, reviewAt) => {
    expect(assess(stateOf(briefs), exampleClinic, onDay(day))).toEqual({ assessments: [], notScored: why, reviewAt });
  });

  it('while the scorecards are switched off', () => {
    const clinic = { ...exampleClinic, rules: { safety: exampleClinic.rules.safety } };
    expect(assess(stateOf(enrolled), clinic, onDay(1)).notScored).toBe('switched-off');
  });

  it('after the announced end of a pause, everybody is again', () => {
    const state = stateOf([...enrolled, [1, 'EnrolmentPaused', { until: onDay(5) }]]);
    expect(assess(state, exampleClinic, onDay(5)).notScored).toBeNull();
  });

  it('of those not known at all', () => {
    expect(assess(unknownState, exampleClinic, onDay(0)).notScored).toBe('not-enrolled');
  });
});

describe('safety', () => {
  it('needs neither consent nor enrolment nor scorecards', () => {
    const clinic = { ...exampleClinic, rules: { safety: exampleClinic.rules.safety } };
    const { assessments } = assess(stateOf([phq9With(0, 3)]), clinic, onDay(1));
    expect(assessments).toMatchObject([{ kind: 'safety', level: 'red', score: 3, reviewAt: null }]);
  });

  const levels = { none: 'green', list: 'yellow', alert: 'red', urgent: 'red' } as const;
  const pairs = [null, 0, 1, 2, 3].flatMap((previous) => [0, 1, 2, 3].map((answer) => [previous, answer] as const));
  it.each(pairs)('follows the tiers for the answer %s, then %d', (previous, answer) => {
    const briefs = [...(previous === null ? [] : [phq9With(0, previous)]), phq9With(1, answer)];
    const tier = safetyTier(previous, answer, safetyRulesSchema.parse({}));
    const { assessments } = assess(stateOf(briefs), exampleClinic, onDay(2));
    expect(assessments[0]?.level).toBe(levels[tier]);
    expect(assessments[0]?.factors.map(({ value }) => value)).toEqual(tier === 'none' ? [] : [answer]);
  });

  it('keeps the worst where several measures have a safety item, and its points add up', () => {
    const phq = exampleClinic.measures.find(({ id }) => id === 'phq-9');
    if (phq === undefined) throw new Error('no PHQ-9');
    const own = { ...phq, id: 'own', title: 'Own', names: [] };
    const clinic = { ...exampleClinic, measures: [...exampleClinic.measures, own] };
    const state = stateOf([answers('phq-9', 3), answers('own', 1)], clinic);
    expect(assess(state, clinic, onDay(2)).assessments[0]).toMatchObject({ level: 'red', score: 4 });
    // A measure that the clinic has dropped since is called by its id.
    const { assessments } = assess(state, exampleClinic, onDay(2));
    expect(assessments[0]?.factors[1]?.reason).toBe(
      'own: thoughts of self-harm answered with 1 (not asked before): look at it today',
    );
  });
});
