import { describe, expect, it } from 'vitest';
import { genesis } from '../../functions/domain/audit-chain.ts';
import type { Role } from '../../functions/domain/escalation-plan.ts';
import { unknownPatient } from '../../functions/domain/patient.ts';
import { refusedAccess, rolesInWords } from '../../functions/domain/refused-access.ts';
import { mayKnowOf, type Person, personOf, sightOf } from '../../functions/domain/staff-access.ts';
import { AlertUnderTest, escalationOf, planOf } from '../example-escalation.ts';

const plan = planOf();
/** A Monday: working hours are 09:00 to 17:00. */
const noon = '2026-03-02T12:00:00.000Z';
const night = '2026-03-02T23:00:00.000Z';
/** t-7 is away, and t-8 stands in. */
const august = '2026-08-05T12:00:00.000Z';
const nobodyAsked = { told: [] };
const person = (staff: string, ...roles: Role[]): Person => ({ staff, roles });

describe('a role', () => {
  it.each([
    ['both give it', 's-1', ['supervisor'], ['supervisor']],
    ['the sign-in alone gives it', 't-7', ['supervisor'], []],
    ['the staff list alone gives it', 's-1', ['therapist'], []],
    ['nobody gives any', 's-1', [], []],
    ['the sign-in gives more', 't-7', ['therapist', 'supervisor', 'admin', ''], ['therapist']],
    ['the person is not on the staff list', 'x-9', ['supervisor'], []],
  ] as const)('where %s counts only if both do', (_, staff, granted, roles) => {
    expect(personOf(staff, granted, plan)).toEqual({ staff, roles });
  });

  it('counts beside another one', () => {
    const [first, ...others] = escalationOf().staff;
    if (first === undefined) throw new Error('the example has staff');
    const both = planOf({ staff: [{ ...first, roles: ['therapist', 'supervisor'] }, ...others] });
    expect(personOf('t-7', ['supervisor', 'therapist'], both).roles).toEqual(['therapist', 'supervisor']);
  });

  it.each([
    [[], 'nothing'],
    [['compliance'], 'nothing'],
    [['operator'], 'states'],
    [['compliance', 'operator'], 'states'],
    [['therapist'], 'content'],
    [['supervisor'], 'content'],
    [['clinical-lead'], 'content'],
    [['operator', 'therapist'], 'content'],
  ] as const)('%j sees of alerts: %s', (roles, sight) => {
    expect(sightOf(person('x-1', ...roles))).toBe(sight);
  });
});

describe('who may know of an alert of t-7’s patient', () => {
  it.each([
    ['t-7, whose patient it is', person('t-7', 'therapist'), nobodyAsked, noon, true],
    ['t-7 at night, too', person('t-7', 'therapist'), nobodyAsked, night, true],
    ['t-7 signed in without the role', person('t-7'), nobodyAsked, noon, false],
    ['another therapist', person('t-8', 'therapist'), nobodyAsked, noon, false],
    ['another therapist who was asked', person('t-8', 'therapist'), { told: ['t-7', 't-8'] }, noon, true],
    ['somebody who was asked and is no therapist any more', person('t-8', 'operator'), { told: ['t-8'] }, noon, false],
    ['a therapist when a third was asked', person('t-8', 'therapist'), { told: ['t-9'] }, noon, false],
    ['a therapist who stands in', person('t-8', 'therapist'), nobodyAsked, august, true],
    ['whose therapist is away, still', person('t-7', 'therapist'), nobodyAsked, august, true],
    [
      'whoever stood in, once they are back',
      person('t-8', 'therapist'),
      nobodyAsked,
      '2026-08-17T12:00:00.000Z',
      false,
    ],
    ['a supervisor', person('s-1', 'supervisor'), nobodyAsked, noon, true],
    ['a clinical lead', person('l-1', 'clinical-lead'), nobodyAsked, noon, true],
    [
      'a supervisor signed in as a therapist only, in working hours',
      person('s-1', 'therapist'),
      nobodyAsked,
      noon,
      false,
    ],
    ['who answers for the audit', person('c-1', 'compliance'), nobodyAsked, noon, false],
    ['who answers for the audit, asked by mistake', person('c-1', 'compliance'), { told: ['c-1'] }, noon, false],
    ['an operator', person('o-1', 'operator'), { told: ['o-1'] }, noon, false],
    ['nobody in particular', person('x-9'), nobodyAsked, noon, false],
  ])('%s: %s', (_, who, alert, at, may) => {
    expect(mayKnowOf(who, alert, 't-7', plan, at)).toBe(may);
  });

  it('an ended one is its therapist’s and the supervisors’: who was asked is not looked up any more', () => {
    expect(mayKnowOf(person('t-7', 'therapist'), null, 't-7', plan, noon)).toBe(true);
    expect(mayKnowOf(person('s-1', 'supervisor'), null, 't-7', plan, noon)).toBe(true);
    expect(mayKnowOf(person('t-8', 'therapist'), null, 't-7', plan, noon)).toBe(false);
  });

  it('of a patient without a therapist: supervisors and clinical leads alone', () => {
    expect(mayKnowOf(person('t-7', 'therapist'), nobodyAsked, null, plan, noon)).toBe(false);
    expect(mayKnowOf(person('s-1', 'supervisor'), nobodyAsked, null, plan, noon)).toBe(true);
  });

  it('is never more than who may answer it: nobody reads an alert whose answer would then be refused', () => {
    const roles: Role[] = ['therapist', 'supervisor', 'clinical-lead', 'compliance', 'operator'];
    const readers: unknown[] = [];
    for (const at of [noon, night, august])
      for (const therapist of ['t-7', 't-8', 'x-9', null])
        for (const { id } of plan.staff)
          for (const told of [[], [id]]) {
            const test = new AlertUnderTest('urgent', plan, at);
            test.therapist = therapist;
            test.alert = { ...test.alert, told };
            if (mayKnowOf(personOf(id, roles, plan), test.alert, therapist, plan, at))
              readers.push(test.acknowledge(id)?.result);
          }
    expect(readers.length).toBeGreaterThan(50);
    expect(readers).not.toContain('refused-person');
  });
});

describe('a refused look', () => {
  const asked = { action: 'alert.view', alertId: 'a-1', source: 'portal 203.0.113.7' };
  const patient = unknownPatient('p-1', genesis('p-1'));

  it('changes nothing of the patient, and says who, what, from where and under which rules', () => {
    const change = refusedAccess(patient, person('t-8', 'therapist'), asked, 'sha256:rules', noon);
    expect(change).toMatchObject({ at: noon, patient, foldedUnder: 'sha256:rules', changedAlerts: [], event: null });
    expect(change.audit).toEqual({
      action: 'alert.view',
      agent: { who: 't-8', role: 'therapist' },
      source: 'portal 203.0.113.7',
      part: 'alert',
      outcome: 'refused',
      reason: 'neither of their own patients nor of those they stand in for or were asked about',
      changed: false,
      rules: 'sha256:rules',
      detail: { alert: 'a-1' },
    });
  });

  it('leaves the patient folded under the rules that they were folded under', () => {
    const before = { ...patient, foldedUnder: 'sha256:before' };
    expect(refusedAccess(before, person('t-8'), asked, 'sha256:rules', noon).foldedUnder).toBe('sha256:before');
  });

  it('names every role, or says that there is none', () => {
    expect([rolesInWords([]), rolesInWords(['therapist', 'supervisor'])]).toEqual(['no role', 'therapist, supervisor']);
  });
});
