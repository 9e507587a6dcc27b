import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../functions/domain/audit-chain.ts';
import { interactionOf } from '../../functions/domain/fhir-audit-action.ts';
import { fhirAuditEvents } from '../../functions/domain/fhir-audit-event.ts';
import { fhirProvenance } from '../../functions/domain/fhir-provenance.ts';
import { auditActions } from '../audit-actions.ts';
import { auditRecord, referral } from '../audit-records.ts';
import { balpFaults } from '../balp-profiles.ts';
import { faultsOf, isPublishedSystem, unknownCodes } from '../fhir-definitions.ts';

const context = { observer: 'clinic.example/tandem/audit', only: null };
const eventsOf = (change: Partial<AuditRecord>) => fhirAuditEvents(auditRecord(change), context);
const only = (change: Partial<AuditRecord>) => {
  const [event, ...others] = eventsOf(change);
  if (event === undefined || others.length > 0) throw new Error('not one event');
  return event;
};
const profileOf = (change: Partial<AuditRecord>) => only(change).meta?.profile.map((one) => one.split('.').at(-1));
const faults = (resource: object) => [...faultsOf(resource), ...unknownCodes(resource), ...balpFaults(resource)];
const system = { chain: 'system-3' };
const byTandem = { agent: { who: 'tandem', role: 'system' } };

describe('what judges them here', () => {
  it('finds faults against the published schema, cardinalities, codes and profiles', () => {
    const good = only({});
    expect(faults(good)).toEqual([]);
    expect(faultsOf({ ...good, action: 'X' })).not.toEqual([]);
    expect(faultsOf({ ...good, unheard: 1 })).not.toEqual([]);
    expect(faultsOf({ ...good, id: 'not an id' })).not.toEqual([]);
    const { recorded: _recorded, ...timeless } = good;
    expect(faultsOf(timeless)).toEqual(['AuditEvent.recorded: 0, not 1..1']);
    expect(faultsOf({ ...good, agent: [{ type: { text: 'x' } }] })).toContain(
      'AuditEvent.agent.requestor: 0, not 1..1',
    );
    expect(unknownCodes({ system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '99' })).toHaveLength(1);
    for (const one of ['http://dicom.nema.org/resources/ontology/DCM', 'http://hl7.org/fhir/restful-interaction'])
      expect(isPublishedSystem(one)).toBe(true);
    expect(balpFaults({ ...good, entity: good.entity.slice(1) })).not.toEqual([]);
    expect(balpFaults({ ...good, agent: good.agent.slice(1) })).not.toEqual([]);
    expect(balpFaults({ ...good, meta: { profile: ['https://profiles.ihe.net/ITI/BALP/X'] } })).not.toEqual([]);
  });
});

describe('every action that the product writes', () => {
  it.each(auditActions())('%s has a form of its own, with and without a patient, that is valid', (action) => {
    expect(interactionOf({ action })).not.toBe('other');
    for (const chain of ['p-a', 'system-3'])
      for (const outcome of ['success', 'refused'] as const)
        for (const agent of [auditRecord().agent, byTandem.agent, { who: 'programme', role: 'vendor' }]) {
          const record = auditRecord({ action, chain, outcome, agent, changed: true });
          for (const event of fhirAuditEvents(record, context)) expect(faults(event)).toEqual([]);
          const provenance = fhirProvenance(record, context);
          expect(provenance === null ? [] : faults(provenance)).toEqual([]);
        }
  });
});

describe('A15: the profile follows from the record', () => {
  it.each([
    ['an update with a patient', { action: 'alert.acknowledge' }, 'PatientUpdate'],
    ['an update without one', { ...system, action: 'scan.close' }, 'Update'],
    ['a look at a patient', { action: 'alert.view' }, 'PatientRead'],
    ['an export of everything', { ...system, action: 'audit.export' }, 'Read'],
    ['an event', { action: 'event.record' }, 'PatientCreate'],
    ['a message set aside', { ...system, action: 'event.set-aside' }, 'Create'],
  ])('%s', (_, change, profile) => {
    expect(profileOf(change)).toEqual([profile]);
    expect(faults(only(change))).toEqual([]);
  });

  it('claims none where it was refused: outcome 4, why, and the form of the attempt', () => {
    const refused = only({ outcome: 'refused', reason: 'not on the list of this alert' });
    expect(refused).toMatchObject({ action: 'R', outcome: '4', outcomeDesc: 'not on the list of this alert' });
    expect(refused.meta).toBeUndefined();
    expect(faults(refused)).toEqual([]);
  });
});

describe('A16: deletions and queries have their events, and pass their profiles', () => {
  it('of a patient who was erased', () => {
    const erased = only({ action: 'patient.erase', part: null, detail: {} });
    expect(erased.meta?.profile[0]).toContain('PatientDelete');
    expect(erased).toMatchObject({ action: 'D' });
    expect(faults(erased)).toEqual([]);
  });

  it('of a message that was removed', () => {
    const removed = only({ ...system, action: 'event.set-aside.remove', detail: { setAside: 'x-1' } });
    expect(removed.meta?.profile[0]).toContain('IHE.BasicAudit.Delete');
    expect(removed.entity[0]?.what?.identifier).toEqual({ system: 'urn:tandem:setAside', value: 'x-1' });
    expect(faults(removed)).toEqual([]);
  });

  it('of a list: one for each patient whom it named, and of an empty list one without a patient', () => {
    const alerts = ['p-a', 'p-b', 'p-a'].map((patient, number) => ({ alert: `a-${number}`, patient }));
    const list = { ...system, action: 'alert.list', detail: { part: 1, alerts } };
    const events = eventsOf(list);
    expect(events.map(({ id }) => id)).toEqual(['system-3-1-p-a', 'system-3-1-p-b']);
    for (const event of events) {
      expect(event.meta?.profile[0]).toContain('PatientQuery');
      expect(faults(event)).toEqual([]);
    }
    const empty = only({ ...system, action: 'alert.list', detail: { part: 1, alerts: [] } });
    expect(empty.meta?.profile[0]).toContain('BasicAudit.Query');
    expect(empty.entity[0]).toMatchObject({ description: 'alert.list?part=1' });
    expect(faults(empty)).toEqual([]);
  });

  it('of a list in one patient’s export: the others are not named', () => {
    const alerts = ['p-a', 'p-b'].map((patient) => ({ alert: 'a', patient }));
    const events = fhirAuditEvents(auditRecord({ ...system, action: 'alert.list', detail: { alerts } }), {
      ...context,
      only: 'p-b',
    });
    expect(JSON.stringify(events)).not.toContain('p-a');
    expect(events).toHaveLength(1);
  });

  it('of a search by therapist: the query as it was asked, in base64 and in words', () => {
    const search = only({ ...system, action: 'alert.search', detail: { query: 'alerts?therapist=t-7' } });
    const [query] = search.entity;
    expect(query?.description).toBe('alerts?therapist=t-7');
    expect(Buffer.from(query?.query ?? '', 'base64').toString()).toBe('alerts?therapist=t-7');
    expect(faults(search)).toEqual([]);
  });
});

describe('an AuditEvent', () => {
  it('says who asked, in which role, from where, why, and who typed it', () => {
    const event = only({ detail: { alert: 'a-1', enteredBy: 'it', requestId: 'r-1' } });
    expect(event.agent).toMatchObject([
      { who: { display: 'portal' }, network: { address: '203.0.113.7', type: '2' }, requestor: false },
      { who: { identifier: { value: context.observer } }, requestor: false },
      { who: { identifier: { value: 't-7' } }, role: [{ text: 'therapist' }], name: 't-7', requestor: true },
      { who: { identifier: { value: 'it' } }, requestor: false },
    ]);
    expect(event).toMatchObject({ purposeOfEvent: [{ text: 'looked at it' }], recorded: '2026-03-02T15:00:00.000Z' });
    expect(event.entity.at(-1)?.what?.identifier?.value).toBe('r-1');
    expect(faults(event)).toEqual([]);
  });

  it('has no user where Tandem did it by itself, and names its source where there is no address', () => {
    const event = only({ ...byTandem, action: 'risk.assess', source: 'scan', part: 'risk' });
    expect(event.agent).toHaveLength(2);
    expect(event.agent[0]?.network).toEqual({ address: 'urn:tandem:source:scan', type: '5' });
    expect(faults(event)).toEqual([]);
  });

  it('says that the glass was broken', () => {
    const event = only({ action: 'access.emergency', reason: 'in danger' });
    expect(event.purposeOfEvent).toMatchObject([{ coding: [{ code: 'BTG' }], text: 'in danger' }]);
    expect(faults(event)).toEqual([]);
  });

  it('of a refused sign-in is one of authentication', () => {
    const event = only({ ...system, action: 'sign-in.refuse', outcome: 'refused', reason: '', part: null, detail: {} });
    expect(event).toMatchObject({
      type: { code: '110114' },
      subtype: [{ code: '110122' }, {}],
      outcomeDesc: 'not said',
    });
    expect(faults(event)).toEqual([]);
  });

  it('of an unknown action is generic, and is there', () => {
    const event = only({ action: 'weather.rain', detail: {} });
    expect(event).toMatchObject({ type: { code: '110100' }, action: 'E' });
    expect(event.subtype).toEqual([{ system: 'urn:tandem:audit-action', code: 'weather.rain' }]);
    expect(faults(event)).toEqual([]);
  });

  it('of a disclosure has a second one, which is BALP’s of a privacy disclosure', () => {
    const [answer, disclosure] = fhirAuditEvents(referral, context);
    expect(answer?.meta?.profile[0]).toContain('PatientUpdate');
    expect(disclosure).toMatchObject({
      id: 'p-a-1-disclosure',
      recorded: referral.recordedAt,
      purposeOfEvent: [{ text: 'a welfare check' }],
    });
    expect(disclosure?.agent[1]).toMatchObject({ who: { display: 'County Crisis Team, 1 Main St' } });
    expect([answer, disclosure].flatMap((one) => faults(one ?? {}))).toEqual([]);
    const byHand = { at: '2026-02-01T10:00:00.000Z', recipient: 'A', address: '2 Oak St', what: 'B', purpose: 'C' };
    const [, written] = eventsOf({ action: 'disclosure.record', detail: byHand });
    expect(written?.agent[1]?.network?.address).toBe('urn:tandem:recipient:2%20Oak%20St');
  });
});

describe('a Provenance', () => {
  it('is of a change: from which record, by whom, under which rules', () => {
    const provenance = fhirProvenance(auditRecord({ action: 'alert.acknowledge', changed: true }), context);
    expect(provenance).toMatchObject({
      target: [{ identifier: { value: 'a-1' } }, { reference: 'Patient/p-a' }],
      policy: ['urn:tandem:rules:sha256%3A00'],
      activity: { coding: [{ code: 'UPDATE' }] },
      agent: [{ who: { identifier: { value: 't-7' } } }],
      entity: [{ role: 'source', what: { identifier: { value: 'p-a-1' } } }],
    });
    const byItself = fhirProvenance(auditRecord({ ...system, ...byTandem, action: 'x.y', changed: true }), context);
    expect(byItself).toMatchObject({ agent: [{ who: { display: 'Tandem' } }] });
    expect(byItself?.activity).toBeUndefined();
    expect([provenance, byItself].flatMap((one) => faults(one ?? {}))).toEqual([]);
  });

  it('is not of a look, nor of what was refused', () => {
    expect(fhirProvenance(auditRecord(), context)).toBeNull();
    expect(fhirProvenance(auditRecord({ changed: true, outcome: 'refused' }), context)).toBeNull();
  });
});
