import { describe, expect, it } from 'vitest';
import { exampleEvents } from '../../bin/event-docs.ts';
import { readCloudEvent } from '../../functions/domain/cloud-event.ts';
import { eventTypes, largestEventBytes, readEvent } from '../../functions/domain/event.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-03T00:00:00.000Z';
const read = (input: unknown) => readCloudEvent(input, exampleClinic, now);

const active = {
  specversion: '1.0',
  id: 'ev-1',
  source: 'tandem.programme',
  type: 'PatientActive',
  subject: 'vendor-1',
  time: '2026-03-02T09:00:00Z',
  data: { kind: 'use' },
};
const without = (name: keyof typeof active) =>
  Object.fromEntries(Object.entries(active).filter(([key]) => key !== name));

/** What the intake makes of what the door put on the bus. */
const atTheIntake = (entry: { detailType: string; detail: unknown } | null) =>
  readEvent({ ...(JSON.parse(JSON.stringify(entry?.detail)) as object), type: entry?.detailType }, now);

describe('a CloudEvent', () => {
  it.each(eventTypes)('of type %s says what the public event says, and goes on the bus as that', (type) => {
    for (const event of exampleEvents(type)) {
      const { id, occurredAt, patient, data } = event;
      const cloudEvent = { ...active, id, type, subject: patient, time: occurredAt, data };
      expect(read(cloudEvent)).toEqual({
        outcome: 'accepted',
        id,
        entry: { source: 'tandem.programme', detailType: type, detail: { id, occurredAt, patient, data } },
      });
    }
  });

  it('may say that its data are JSON, and may write null for an attribute it does not have', () => {
    for (const datacontenttype of ['application/json', 'application/json; charset=utf-8', 'Application/JSON', null])
      expect(read({ ...active, datacontenttype, traceparent: null })).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    ['without a version', without('specversion'), 'specversion', 'is missing: write one of 1.0'],
    ['of another version', { ...active, specversion: '0.3' }, 'specversion', 'write one of 1.0'],
    ['without a source', without('source'), 'source', 'is missing: write a text in quotes'],
    [
      'of another source',
      { ...active, source: 'tandem.canary' },
      'source',
      'is not the source agreed with the clinic: write tandem.programme',
    ],
    ['without a subject', without('subject'), 'subject', 'is missing: write a text in quotes'],
    ['whose subject is null', { ...active, subject: null }, 'subject', 'is missing: write a text in quotes'],
    ['without a time', without('time'), 'time', 'is missing: write a text in quotes'],
    [
      'whose time has no offset',
      { ...active, time: '2026-03-02T09:00:00' },
      'time',
      'write a date-time with its offset, such as 2026-03-02T09:00:00Z',
    ],
    [
      'whose data are not JSON',
      { ...active, datacontenttype: 'text/xml' },
      'datacontenttype',
      'write application/json, or leave it out',
    ],
    ['with an extension', { ...active, traceparent: '00-x' }, 'traceparent', 'is not a known field: leave it out'],
    ['with a schema', { ...active, dataschema: 'urn:x' }, 'dataschema', 'is not a known field: leave it out'],
    ['in the words of the bus', { ...active, patient: 'p' }, 'patient', 'is not a known field: leave it out'],
  ])('%s is refused, saying where and what to write, and by the intake too', (_, input, path, message) => {
    const refused = read(input);
    expect(refused).toMatchObject({ outcome: 'refused', faults: [{ path, message }] });
    if (refused.outcome !== 'refused') throw new Error(refused.outcome);
    expect(refused.entry).toMatchObject({ source: 'tandem.programme', detailType: input['type'] });
    expect(atTheIntake(refused.entry)).toHaveProperty('faults');
  });

  it('whose module the clinic folder has to learn first is set aside so that it can be sent again as it is', () => {
    const started = { ...active, type: 'ModuleStarted', data: { module: 'm9' } };
    const refused = read(started);
    const message = 'is not a module of this clinic: write one of m1, m2, m3, m4, m5, m6, m7, m8';
    expect(refused).toMatchObject({ outcome: 'refused', faults: [{ path: 'data.module', message }] });
    expect('entry' in refused && atTheIntake(refused.entry)).toHaveProperty('event');
  });

  it('of an unknown type of any length is set aside under a type that the bus takes', () => {
    const type = 'x'.repeat(300);
    const refused = read({ ...active, type });
    expect(refused).toMatchObject({ outcome: 'refused', entry: { detailType: 'CloudEvent' } });
    expect(JSON.stringify(refused)).toContain(type);
    expect('entry' in refused && atTheIntake(refused.entry)).toHaveProperty('faults');
  });

  it('keeps what did not fit beside the event, for whoever mends it', () => {
    const refused = read({ ...active, source: 'elsewhere', extra: 1 });
    expect(refused).toMatchObject({ entry: { detail: { cloudEvent: { source: 'elsewhere', extra: 1 } } } });
  });

  it.each([
    ['data', { ...active, data: { kind: 'use', minutes: Number.POSITIVE_INFINITY } }],
    ['an extension', { ...active, note: 'broken \ud83d' }],
    ['the id', { ...active, id: '\ud83d' }],
    ['the depth', { ...active, data: JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`) }],
  ])('with something in %s that not every reader of JSON takes is refused here and by the intake', (_, input) => {
    const refused = read(input);
    expect(refused).toMatchObject({ outcome: 'refused' });
    const travelled = 'entry' in refused ? JSON.stringify(refused.entry) : '';
    expect(travelled.isWellFormed()).toBe(true);
    expect(travelled).not.toMatch(/\\ud83d/);
    expect('entry' in refused && atTheIntake(refused.entry)).toHaveProperty('faults');
  });

  it('with a broken emoji still carries its answer on self-harm to the intake', () => {
    const fhir = {
      resourceType: 'QuestionnaireResponse',
      item: [{ linkId: '44260-8', text: 'cut \ud83d' }, 3, [true]],
    };
    const refused = read({ ...active, type: 'QuestionnaireSubmitted', data: { fhir } });
    expect(refused).toMatchObject({
      outcome: 'refused',
      entry: { detail: { data: { fhir: { item: [{ linkId: '44260-8', text: 'cut \ufffd' }, 3, [true]] } } } },
    });
  });

  it.each([
    ['a text', 'x'],
    ['nothing', null],
    ['a list', []],
    ['an object without a type', without('type')],
    ['an object whose type is no text', { ...active, type: 7 }],
    ['an object without data', without('data')],
    ['an object whose data are in base 64', { ...without('data'), data_base64: 'eA==' }],
  ])('is not what %s is: it is refused, and nothing of it is kept', (_, input) => {
    const refused = read(input);
    expect(refused).toMatchObject({ outcome: 'refused', entry: null });
    expect('faults' in refused && refused.faults.length).toBeGreaterThan(0);
  });

  it('that is too large is not looked into', () => {
    const data = { fhir: { resourceType: 'x'.repeat(largestEventBytes) } };
    expect(read({ ...active, type: 'QuestionnaireSubmitted', data })).toEqual({
      outcome: 'too-large',
      faults: [
        {
          path: '',
          message: `is larger than ${largestEventBytes} bytes of JSON: write what happened, without attachments`,
        },
      ],
    });
  });
});
