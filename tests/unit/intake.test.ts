import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { proveDoorOpen } from '../../functions/canary/canary.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-02T12:00:00.000Z';
const portsOf = (store = memoryStore()) => ({ ...store, clinic: exampleClinic, pause: () => Promise.resolve() });
type Ports = ReturnType<typeof portsOf>;

const envelope = (type: string, detail: unknown, source = 'tandem.programme') =>
  JSON.stringify({ source, 'detail-type': type, detail });
const active = { id: 'ev-1', occurredAt: '2026-03-02T09:00:00Z', patient: 'vendor-1', data: { kind: 'use' } };
const phq9 = (item9: number, more: object = {}) => ({
  ...active,
  data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, item9], ...more },
});
const alertsOf = async ({ patients, pseudonyms }: Ports) =>
  (await patients.load(await pseudonyms.patient('vendor-1'))).alerts;

describe('the event intake', () => {
  it('records an event once, and knows its second delivery', async () => {
    const ports = portsOf();
    const body = envelope('PatientActive', active);
    expect(await intake(ports, body, now)).toMatchObject({ outcome: 'recorded', unreadable: false, alerts: 0 });
    expect(await intake(ports, body, now)).toEqual({ outcome: 'duplicate' });
    expect(await intake(ports, envelope('PatientActive', { ...active, type: 'PatientActive' }), now)).toEqual({
      outcome: 'duplicate',
    });
  });

  it.each([
    ['text that is no JSON', 'not JSON', 'is not a message of the bus'],
    ['JSON that is no object', '[]', 'is not a message of the bus'],
    ['an envelope without a detail', '{"source":"s","detail-type":"t"}', 'is not a message of the bus'],
    [
      'a type that is another one inside',
      envelope('PatientActive', { ...active, type: 'ModuleStarted' }),
      'type: differs from the detail-type',
    ],
    [
      'an unknown module',
      envelope('ModuleStarted', { ...active, data: { module: 'nowhere' } }),
      'data.module: is not a module',
    ],
    ['a canary with a strange id', envelope('Canary', { id: 'x' }, 'tandem.canary'), 'type: write one of'],
  ])('sets aside %s, with the reason and the message as it came', async (_, body, reason) => {
    const ports = portsOf();
    expect(await intake(ports, body, now)).toMatchObject({ outcome: 'set-aside', alerts: 0 });
    const [entry] = await ports.setAsides.list();
    expect(entry?.body).toBe(body);
    expect(entry?.reason).toContain(reason);
  });

  it('refuses an event id that was used for something else', async () => {
    const ports = portsOf();
    await intake(ports, envelope('PatientActive', active), now);
    const outcomes = [
      await intake(ports, envelope('PatientActive', { ...active, data: { kind: 'log-in' } }), now),
      await intake(ports, envelope('PatientActive', { ...active, patient: 'vendor-2' }), now),
    ];
    expect(outcomes).toMatchObject([{ outcome: 'set-aside' }, { outcome: 'set-aside' }]);
  });

  it('counts the alert of a questionnaire, and one that somebody has to mend', async () => {
    const ports = portsOf();
    expect(await intake(ports, envelope('QuestionnaireSubmitted', phq9(3)), now)).toMatchObject({ alerts: 1 });
    const fhir = { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'urn:nobody:knows' };
    const unreadable = { ...active, id: 'ev-2', data: { fhir } };
    expect(await intake(ports, envelope('QuestionnaireSubmitted', unreadable), now)).toMatchObject({
      unreadable: true,
    });
  });

  it('never lets a fault elsewhere in a message hide item 9, and raises it once however often the message comes', async () => {
    const ports = portsOf();
    const body = envelope('QuestionnaireSubmitted', phq9(3, { remark: 'no field' }));
    expect(await intake(ports, body, now)).toMatchObject({ outcome: 'set-aside', alerts: 1 });
    expect(await intake(ports, body, now)).toMatchObject({ outcome: 'set-aside', alerts: 0 });
    expect(await alertsOf(ports)).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
  });

  it.each([
    ['without a patient', { ...phq9(3, { remark: 'x' }), patient: '' }],
    ['whose patient is no text', { ...phq9(3, { remark: 'x' }), patient: 7 }],
    ['without data', { ...active, data: 'x' }],
  ])('sets aside a questionnaire %s: there is nobody to raise an alert for', async (_, detail) => {
    const ports = portsOf();
    expect(await intake(ports, envelope('QuestionnaireSubmitted', detail), now)).toMatchObject({
      outcome: 'set-aside',
      alerts: 0,
    });
  });
});

describe('the canary', () => {
  it('is satisfied when its event comes out at the other end', async () => {
    const ports = portsOf();
    const id = '0190b2c4-0000-7000-8000-000000000000';
    let waits = 0;
    await proveDoorOpen(ports, id, async () => {
      waits += 1;
      for (const { source, detailType, detail } of ports.bus.entries())
        expect(await intake(ports, envelope(detailType, detail, source), now)).toEqual({ outcome: 'canary' });
    });
    expect(waits).toBe(1);
  });

  it('fails when the bus swallows the event, as PutEvents does for a bus that does not exist (P04)', async () => {
    let waits = 0;
    const nothing = proveDoorOpen(portsOf(), 'canary-1', async () => {
      waits += 1;
    });
    await expect(nothing).rejects.toThrow('do not reach the queue');
    expect(waits).toBe(20);
  });
});
