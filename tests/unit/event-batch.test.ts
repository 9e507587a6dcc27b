import { describe, expect, it } from 'vitest';
import { formOf, largestBodyBytes, mostEvents, readBody } from '../../functions/domain/event-batch.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-03T00:00:00.000Z';
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (form: 'one' | 'many', body: Uint8Array) => readBody(form, body, exampleClinic, now);
const event = {
  specversion: '1.0',
  id: 'ev-1',
  source: 'tandem.programme',
  type: 'PatientActive',
  subject: 'vendor-1',
  time: '2026-03-02T09:00:00Z',
  data: { kind: 'use' },
};
const list = (length: number) => bytes(JSON.stringify(Array.from({ length }, () => event)));

describe('the content-type of a request', () => {
  it.each([
    ['application/cloudevents+json', 'one'],
    ['Application/CloudEvents+JSON; charset=UTF-8', 'one'],
    ['application/cloudevents-batch+json;charset="utf-8"', 'many'],
    ['application/cloudevents+json; charset=latin1', null],
    ['application/cloudevents+xml', null],
    ['application/json', null],
    ['', null],
  ])('%s says %s', (contentType, form) => {
    expect(formOf(contentType)).toBe(form);
  });
});

describe('the body of a request', () => {
  it('holds one event, or a list of events in order', () => {
    expect(read('one', bytes(JSON.stringify(event)))).toMatchObject({ events: [{ outcome: 'accepted', id: 'ev-1' }] });
    const second = { ...event, id: 'ev-2' };
    expect(read('many', bytes(JSON.stringify([event, 5, second])))).toMatchObject({
      events: [{ id: 'ev-1' }, { outcome: 'refused' }, { id: 'ev-2' }],
    });
    expect(read('many', bytes('[]'))).toEqual({ events: [] });
    expect(read('many', list(mostEvents))).toHaveProperty('events.length', mostEvents);
  });

  it.each([
    ['is no JSON', 'one', bytes('{"id": secret}'), 'is not JSON in UTF-8: write CloudEvents in their JSON format'],
    ['is empty', 'many', bytes(''), 'is not JSON in UTF-8: write CloudEvents in their JSON format'],
    [
      'is no UTF-8',
      'one',
      Uint8Array.of(0x22, 0xff, 0x22),
      'is not JSON in UTF-8: write CloudEvents in their JSON format',
    ],
    ['is a list where one was said', 'one', bytes('[]'), 'is a list: send it as application/cloudevents-batch+json'],
    [
      'is one where a list was said',
      'many',
      bytes('{}'),
      'is not a list: write one, or send it as application/cloudevents+json',
    ],
  ] as const)('that %s is malformed, said without a word of it', (_, form, body, message) => {
    expect(read(form, body)).toEqual({ unread: 'malformed', fault: { path: '', message } });
  });

  it('is too large above 256 KiB, or with more than 100 events', () => {
    expect(read('one', new Uint8Array(largestBodyBytes + 1))).toMatchObject({ unread: 'too-large' });
    expect(read('one', new Uint8Array(largestBodyBytes))).toMatchObject({ unread: 'malformed' });
    expect(read('many', list(mostEvents + 1))).toMatchObject({ unread: 'too-large' });
  });

  it('nested as deep as it has bytes does no harm', () => {
    const deep = (open: string, close: string) => {
      const levels = Math.floor(largestBodyBytes / (open.length + close.length)) - 60;
      return `${open.repeat(levels)}1${close.repeat(levels)}`;
    };
    expect(read('many', bytes(deep('[', ']')))).toMatchObject({ events: [{ outcome: 'refused', entry: null }] });
    const inData = `{"specversion":"1.0","type":"PatientActive","data":${deep('{"a":', '}').slice(0, -1)}}}`;
    expect(read('one', bytes(inData))).toMatchObject({ events: [{ outcome: 'refused' }] });
  });
});
