import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { refusalSchema, resultsSchema } from '../../functions/domain/door-answer.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { type Bus, DoorClosed } from '../../functions/ports/door.ts';
import { answerVendor } from '../../functions/vendor-door/door.ts';
import { exampleClinic } from '../example-clinic.ts';

const now = '2026-03-02T12:00:00.000Z';
const one = { 'content-type': 'application/cloudevents+json' };
const many = { 'content-type': 'application/cloudevents-batch+json' };

const event = (id: string, more: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'tandem.programme',
  type: 'PatientActive',
  subject: 'vendor-1',
  time: '2026-03-02T09:00:00Z',
  data: { kind: 'use' },
  ...more,
});
const questionnaire = (id: string, item9: number, more: object = {}) =>
  event(id, {
    type: 'QuestionnaireSubmitted',
    data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, item9] },
    ...more,
  });

function clinicAtTheDoor(bus?: Bus) {
  const store = memoryStore();
  const ports = { ...store, clinic: exampleClinic, pause: () => Promise.resolve() };
  const patient = () => store.pseudonyms.patient('vendor-1').then((id) => store.patients.load(id));
  return {
    ...ports,
    patient,
    async post(headers: Record<string, string>, body: unknown) {
      const request = { headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
      const answer = await answerVendor({ bus: bus ?? store.bus, clinic: exampleClinic }, request, now);
      // Every answer has the published form.
      const schema = answer.status === 202 ? resultsSchema : refusalSchema;
      expect(schema.parse(answer.body)).toEqual(answer.body);
      return answer;
    },
    /** Everything on the bus goes through the intake. */
    async takeIn() {
      const outcomes: string[] = [];
      for (const { source, detailType, detail } of store.bus.entries()) {
        const message = JSON.stringify({ source, 'detail-type': detailType, detail });
        outcomes.push((await intake(ports, message, now)).outcome);
      }
      return outcomes;
    },
  };
}

describe("the vendor's door", () => {
  it('takes one event, on the bus before it answers', async () => {
    const clinic = clinicAtTheDoor();
    expect(await clinic.post(one, event('ev-1'))).toEqual({
      status: 202,
      headers: {},
      body: { results: [{ id: 'ev-1', status: 'accepted' }] },
      accepted: 1,
      setAside: 0,
      turnedAway: 0,
    });
    expect(clinic.bus.entries()).toHaveLength(1);
    expect(await clinic.takeIn()).toEqual(['recorded']);
    expect((await clinic.patient()).state.events).toBe(1);
  });

  it('answers a list event by event, in order, and sets aside what it refuses without holding up the rest', async () => {
    const clinic = clinicAtTheDoor();
    const list = [
      event('ev-1'),
      event('ev-2', { type: 'ModuleStarted', data: { module: 'nowhere' } }),
      7,
      event('ev-3', { data: { kind: 'use', remark: 'x'.repeat(200_000) } }),
      event('ev-4'),
    ];
    const answer = await clinic.post(many, list);
    expect(answer).toMatchObject({ status: 202, accepted: 2, setAside: 1, turnedAway: 2 });
    expect(answer.body).toMatchObject({
      results: [
        { id: 'ev-1', status: 'accepted' },
        { status: 'refused', setAside: true, faults: [{ path: 'data.module' }] },
        { status: 'refused', setAside: false, faults: [{ path: '' }] },
        { status: 'refused', setAside: false, faults: [{ path: '' }] },
        { id: 'ev-4', status: 'accepted' },
      ],
    });
    expect((await clinic.takeIn()).toSorted()).toEqual(['recorded', 'recorded', 'set-aside']);
    expect(await clinic.setAsides.list()).toHaveLength(1);
  });

  it('takes a list of none', async () => {
    expect(await clinicAtTheDoor().post(many, [])).toMatchObject({ status: 202, body: { results: [] }, turnedAway: 0 });
  });

  it('says of a single event that it refused it, and that it is set aside', async () => {
    const clinic = clinicAtTheDoor();
    expect(await clinic.post(one, event('ev-1', { time: 'yesterday' }))).toMatchObject({
      status: 400,
      body: { message: 'the event was refused', setAside: true, faults: [{ path: 'time' }] },
      setAside: 1,
      turnedAway: 0,
    });
    expect(await clinic.takeIn()).toEqual(['set-aside']);
  });

  it.each([
    ['an extension', questionnaire('ev-1', 3, { traceparent: '00-x' })],
    ['another source', questionnaire('ev-1', 3, { source: 'elsewhere' })],
    ['no version', questionnaire('ev-1', 3, { specversion: undefined })],
    ['a field that nobody knows', questionnaire('ev-1', 3, { time: 'yesterday' })],
    ['a broken emoji', questionnaire('ev-1', 3, { note: '\ud83d' })],
  ])('never lets %s hide an answer on self-harm', async (_, cloudEvent) => {
    for (const [headers, body] of [
      [one, cloudEvent],
      [many, [cloudEvent]],
    ] as const) {
      const clinic = clinicAtTheDoor();
      expect(await clinic.post(headers, body)).toMatchObject({ setAside: 1, accepted: 0 });
      expect(await clinic.takeIn()).toEqual(['set-aside']);
      expect((await clinic.patient()).alerts).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
    }
  });

  it('lets nobody pass for the canary, which the intake would believe', async () => {
    const clinic = clinicAtTheDoor();
    const id = '0190b2c4-0000-7000-8000-000000000000';
    await clinic.post(one, event(id, { source: 'tandem.canary', type: 'Canary' }));
    expect(await clinic.takeIn()).toEqual(['set-aside']);
    expect(await clinic.canaries.hasArrived(id)).toBe(false);
  });

  it('an event that comes twice has its effect once', async () => {
    const clinic = clinicAtTheDoor();
    for (let time = 0; time < 2; time += 1)
      expect(await clinic.post(one, event('ev-1'))).toMatchObject({ status: 202 });
    expect(await clinic.takeIn()).toEqual(['recorded', 'duplicate']);
  });

  it.each([
    ['no JSON', 400, one, '{', 'the body holds no CloudEvents'],
    ['no event', 400, one, '7', 'the event was refused'],
    ['a list sent as one', 400, one, '[]', 'the body holds no CloudEvents'],
    ['a body above the limit', 413, one, 'x'.repeat(300_000), 'the request is too large'],
    ['an event above the limit', 413, one, JSON.stringify({ a: 'x'.repeat(200_000) }), 'the request is too large'],
    ['too many events', 413, many, JSON.stringify(Array.from({ length: 101 }, () => 1)), 'the request is too large'],
    ['another content-type', 415, { 'content-type': 'text/plain' }, '{}', 'the content-type is not taken'],
    ['no content-type', 415, {}, '{}', 'the content-type is not taken'],
    [
      'CloudEvents in binary mode',
      415,
      { 'content-type': 'application/json', 'ce-id': 'x' },
      '{}',
      'the binary mode of CloudEvents (ce- headers) is not taken',
    ],
    [
      'a compressed body',
      415,
      { ...one, 'content-encoding': 'gzip' },
      '{}',
      'a compressed body is not taken: send it as it is',
    ],
  ])('refuses %s with %i, and keeps nothing of it', async (_, status, headers, body, message) => {
    const clinic = clinicAtTheDoor();
    const answer = await clinic.post(headers, body);
    expect(answer).toMatchObject({ status, accepted: 0, setAside: 0, turnedAway: 1, body: { setAside: false } });
    expect('message' in answer.body && answer.body.message).toContain(message);
    expect(clinic.bus.entries()).toEqual([]);
  });

  it('asks for the same request again while the bus is closed, and never answers 202 before the bus has taken it', async () => {
    const why = new DoorClosed('1 of 1 entries were not taken');
    const shut = clinicAtTheDoor({ put: () => Promise.reject(why) });
    expect(await shut.post(many, [event('ev-1')])).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      body: { message: 'the events could not all be kept: send the same request again, which is harmless' },
      accepted: 0,
      turnedAway: 0,
      closed: why,
    });
  });

  it('puts what is whole on the bus first: what the bus does not take of the rest cannot hold it up', async () => {
    const taken: string[] = [];
    const clinic = clinicAtTheDoor({
      put: (entries) => {
        if (entries.some(({ detail }) => JSON.stringify(detail).includes('cloudEvent')))
          return Promise.reject(new DoorClosed('MalformedDetail'));
        taken.push(...entries.map(({ detailType }) => detailType));
        return Promise.resolve();
      },
    });
    expect(await clinic.post(many, [event('ev-1', { extra: 1 }), event('ev-2')])).toMatchObject({ status: 503 });
    expect(taken).toEqual(['PatientActive']);
  });

  it('does not answer for an error that it does not know', async () => {
    const clinic = clinicAtTheDoor({ put: () => Promise.reject(new Error('unknown')) });
    await expect(clinic.post(one, event('ev-1'))).rejects.toThrow('unknown');
  });
});
