import { describe, expect, it } from 'vitest';
import {
  type ClinicalEvent,
  eventTypes,
  type Fault,
  largestEventBytes,
  readEvent,
  sameEvent,
} from '../../functions/domain/event.ts';
import { mostFaults } from '../../functions/domain/event-fault.ts';

const now = '2026-03-02T12:00:00.000Z';

const completed = {
  id: 'ev-3',
  type: 'ModuleCompleted',
  occurredAt: '2026-03-02T09:00:00Z',
  patient: 'vendor-123',
  data: { module: 'm2', minutes: 41 },
};

function of(type: string, data: unknown) {
  return { ...completed, type, data };
}

function read(input: unknown): ClinicalEvent {
  const result = readEvent(input, now);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.event;
}

function faults(input: unknown): readonly Fault[] {
  const result = readEvent(input, now);
  return 'faults' in result ? result.faults : [];
}

function paths(input: unknown): string[] {
  return faults(input).map(({ path }) => path);
}

function fhirWith(value: unknown) {
  return of('QuestionnaireSubmitted', { fhir: { resourceType: 'QuestionnaireResponse', value } });
}

function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe('a good event', () => {
  it('is taken as it stands, its moment in UTC', () => {
    expect(read({ ...completed, occurredAt: '2026-03-02T10:00:00+01:00' })).toEqual({
      ...completed,
      occurredAt: '2026-03-02T09:00:00.000Z',
    });
  });

  it('every type of the contract is known', () => {
    expect(eventTypes.toSorted()).toEqual([
      'BarrierReported',
      'ConsentGiven',
      'ConsentWithdrawn',
      'ContactChanged',
      'EnrolmentEnded',
      'EnrolmentPaused',
      'EnrolmentResumed',
      'LiveSessionHeld',
      'LiveSessionRequested',
      'LiveSessionScheduled',
      'MessageExchanged',
      'ModuleCompleted',
      'ModuleStarted',
      'PatientActive',
      'PatientEnrolled',
      'PreferencesChanged',
      'QuestionnaireSubmitted',
      'ReminderOptedIn',
      'ReminderOptedOut',
      'TherapistAssigned',
      'TrackChanged',
    ]);
  });

  it('the same content in another notation is the same event', () => {
    const elsewhere = read({ ...completed, occurredAt: '2026-03-02T04:00:00.0-05:00' });
    expect(sameEvent(read(completed), elsewhere)).toBe(true);
    expect(sameEvent(read(completed), read({ ...completed, data: { module: 'm3', minutes: 41 } }))).toBe(false);
  });

  it.each(['en', 'en-US', 'es-419', 'zh-Hant', 'sr-Latn-RS'])('the language tag %s is taken', (language) => {
    expect(read(of('ContactChanged', { language })).data).toEqual({ language });
  });
});

describe('what is no event', () => {
  it.each([null, undefined, 3, 'event', true, [], [completed]])('%j is refused', (input) => {
    expect(faults(input)).toEqual([{ path: '', message: 'is not an event: write an object in braces' }]);
  });

  it('an unknown type is refused with the known ones, and the rest is looked at all the same', () => {
    for (const type of ['Moved', '__proto__', 'constructor', 3, null]) {
      const found = faults({ ...completed, type, occurredAt: 'today', colour: 1 });
      expect(found.map(({ path }) => path).toSorted()).toEqual(['colour', 'occurredAt', 'type']);
      expect(found.find(({ path }) => path === 'type')?.message).toBe(`write one of ${eventTypes.join(', ')}`);
    }
  });

  it('every missing field is named', () => {
    expect(faults({})).toEqual([
      { path: 'id', message: 'is missing: write a text in quotes' },
      { path: 'occurredAt', message: 'is missing: write a text in quotes' },
      { path: 'patient', message: 'is missing: write a text in quotes' },
      { path: 'type', message: `is missing: write one of ${eventTypes.join(', ')}` },
      { path: 'data', message: 'is missing: write an object in braces' },
    ]);
  });

  it('a value of the wrong kind is refused with the right one', () => {
    expect(faults({ ...of('QuestionnaireSubmitted', { measure: 9, answers: 'none' }), id: 1 })).toEqual([
      { path: 'id', message: 'write a text in quotes' },
      { path: 'data.measure', message: 'write a text in quotes' },
      { path: 'data.answers', message: 'write a list in square brackets' },
    ]);
    expect(faults(of('ModuleCompleted', { module: 'm2', minutes: '41' }))).toEqual([
      { path: 'data.minutes', message: 'write a number' },
    ]);
    expect(faults(of('EnrolmentResumed', null))).toEqual([{ path: 'data', message: 'write an object in braces' }]);
  });
});

describe('unknown fields', () => {
  it('are refused by name, wherever they stand', () => {
    const input = {
      ...of('PatientEnrolled', {
        programme: 'p',
        track: 'self-guided',
        contact: { preferred: 'none', fax: 1 },
        color: 2,
      }),
      note: 3,
    };
    expect(
      faults(input)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['data.color', 'data.contact.fax', 'note']);
    expect(faults(input)[0]?.message).toBe('is not a known field: leave it out');
  });

  it('are refused in both forms of a questionnaire', () => {
    expect(paths(of('QuestionnaireSubmitted', { measure: 'phq-9', answers: [], total: 3 }))).toEqual(['data.total']);
    expect(paths(of('QuestionnaireSubmitted', { fhir: { resourceType: 'X' }, total: 3 }))).toEqual(['data.total']);
  });

  it('one named "__proto__" is refused too, inside a FHIR resource as well', () => {
    expect(paths(JSON.parse(`{"__proto__":{"admin":true},${JSON.stringify(completed).slice(1)}`))).toEqual([
      '__proto__',
    ]);
    const fhir = JSON.parse('{"resourceType":"QuestionnaireResponse","item":[{"__proto__":1}]}');
    expect(paths(of('QuestionnaireSubmitted', { fhir }))).toEqual(['data.fhir.item.0.__proto__']);
  });

  it('one whose name is a sentence, an address or a number is not repeated: it may say something of a patient', () => {
    for (const field of ['Pat Doe', 'p@example.org', '+12025550123', 'a\nb', 'x'.repeat(41), ''])
      expect(paths(of('EnrolmentResumed', { [field]: 1 }))).toEqual(['data.(unnamed)']);
  });
});

describe('a questionnaire', () => {
  it.each([
    ['nothing', {}],
    ['half of each', { measure: 'phq-9', fhir: {} }],
    ['neither', 3],
  ])('with %s is asked for one of the two forms', (_, data) => {
    expect(faults(of('QuestionnaireSubmitted', data))).toEqual([
      { path: 'data', message: 'write either "measure" and "answers", or "fhir", and nothing else' },
    ]);
  });

  it('in one form, with a field of the other, is asked to leave that out', () => {
    const fhir = { resourceType: 'QuestionnaireResponse' };
    expect(paths(of('QuestionnaireSubmitted', { measure: 'phq-9', fhir }))).toEqual(['data.measure']);
    expect(paths(of('QuestionnaireSubmitted', { measure: 'phq-9', answers: [], fhir }))).toEqual(['data.fhir']);
  });

  it('names the answer that is none', () => {
    expect(faults(of('QuestionnaireSubmitted', { measure: 'phq-9', answers: [0, null, '2'] }))).toEqual([
      { path: 'data.answers.2', message: 'write a number' },
    ]);
  });

  it('names what a FHIR resource lacks', () => {
    expect(faults(of('QuestionnaireSubmitted', { fhir: {} }))).toEqual([
      { path: 'data.fhir.resourceType', message: 'is missing: write a text in quotes' },
    ]);
  });

  it('keeps a FHIR resource whole', () => {
    const fhir = { resourceType: 'QuestionnaireResponse', item: [{ linkId: '1', answer: [{ valueDecimal: 1.5 }] }] };
    expect(read(of('QuestionnaireSubmitted', { fhir })).data).toEqual({ fhir });
  });

  it('has at most 200 answers', () => {
    expect(
      paths(of('QuestionnaireSubmitted', { measure: 'm', answers: Array.from({ length: 201 }, () => 0) })),
    ).toEqual(['data.answers']);
  });
});

describe('rules of single types', () => {
  it.each([
    ['PatientEnrolled', { programme: 'a b', track: 'alone' }, ['data.programme', 'data.track']],
    [
      'PatientEnrolled',
      { programme: 'p', track: 'self-guided', timeZone: 'EST5EDT', language: 'English' },
      ['data.timeZone', 'data.language'],
    ],
    ['PatientEnrolled', { programme: 'p', track: 'self-guided', timeZone: 'Mars/Base' }, ['data.timeZone']],
    ['PatientEnrolled', { programme: 'p', track: 'self-guided', timeZone: `A/${'b'.repeat(63)}` }, ['data.timeZone']],
    [
      'PatientEnrolled',
      { programme: 'p', track: 'self-guided', contact: { preferred: 'sms', sms: '(212) 555-0199' } },
      ['data.contact.sms'],
    ],
    ['ConsentGiven', { scopes: [] }, ['data.scopes']],
    ['ConsentGiven', { scopes: ['scoring', 'scoring', 'reminders'] }, ['data.scopes']],
    ['ConsentWithdrawn', { scopes: ['everything'] }, ['data.scopes.0']],
    ['PatientActive', { kind: 'login', minutes: -1 }, ['data.kind', 'data.minutes']],
    ['ModuleCompleted', { module: '.m', minutes: 10_001 }, ['data.module', 'data.minutes']],
    ['BarrierReported', { barrier: 'money' }, ['data.barrier']],
    ['MessageExchanged', { from: 'patient', to: 'patient' }, ['data.to']],
    ['ContactChanged', {}, ['data']],
    ['PreferencesChanged', {}, ['data']],
    [
      'PreferencesChanged',
      { channels: ['fax'], hour: '24:00', pausedUntil: 'tomorrow' },
      ['data.channels.0', 'data.hour', 'data.pausedUntil'],
    ],
    ['PreferencesChanged', { channels: ['sms', 'email', 'sms'] }, ['data.channels']],
    ['ReminderOptedOut', { channel: 'all' }, ['data.channel']],
    ['ReminderOptedIn', {}, ['data.channel']],
    ['LiveSessionScheduled', {}, ['data.startsAt']],
    ['LiveSessionScheduled', { startsAt: '2026-04-01T09:00' }, ['data.startsAt']],
    ['TherapistAssigned', {}, ['data.therapist']],
    ['EnrolmentPaused', { until: '2026-04-01' }, ['data.until']],
    ['EnrolmentEnded', { reason: 'bored' }, ['data.reason']],
  ])('%s with %j is refused at the right place', (type, data, where) => {
    expect(paths(of(type, data))).toEqual(where);
  });

  it('a wish about reminders is taken back with null, a cancelled talk said with it, and no channel is off', () => {
    const wishes = { channels: [], hour: null, pausedUntil: null };
    expect(read(of('PreferencesChanged', wishes)).data).toEqual(wishes);
    expect(read(of('LiveSessionScheduled', { startsAt: null })).data).toEqual({ startsAt: null });
    expect(read(of('LiveSessionScheduled', { startsAt: '2026-04-01T09:00:00-04:00' })).data).toEqual({
      startsAt: '2026-04-01T13:00:00.000Z',
    });
  });

  it('no therapist is said with null', () => {
    expect(read(of('TherapistAssigned', { therapist: null })).data).toEqual({ therapist: null });
  });
});

describe('an id', () => {
  it.each(['', ' ev-1', 'ev-1 ', 'ev\n1', 'ev\u0000', 'ev\u0085', 'e\u2028v', '\u00a0', 'x'.repeat(201)])(
    '%j is refused, for event and patient alike',
    (id) => {
      expect(paths({ ...completed, id, patient: id })).toEqual(['id', 'patient']);
    },
  );

  it.each(['e', 'ev 1', 'ünïcode-✓', '💚', 'x'.repeat(200)])('%j is taken', (id) => {
    expect(read({ ...completed, id }).id).toBe(id);
  });
});

describe('the moment of an event', () => {
  it('needs its offset', () => {
    const message = 'write a date-time with its offset, such as 2026-03-02T09:00:00Z';
    for (const occurredAt of ['2026-03-02T09:00:00', `2026-03-02T09:00:00.${'0'.repeat(40)}Z`])
      expect(faults({ ...completed, occurredAt })).toEqual([{ path: 'occurredAt', message }]);
  });

  it('may lie a day ahead of our clock, and not a millisecond more', () => {
    expect(read({ ...completed, occurredAt: '2026-03-03T12:00:00Z' }).occurredAt).toBe('2026-03-03T12:00:00.000Z');
    expect(faults({ ...completed, occurredAt: '2026-03-03T12:00:00.001Z' })).toEqual([
      {
        path: 'occurredAt',
        message: "lies more than a day ahead: set the sender's clock right and write when it happened",
      },
    ]);
  });

  it('may lie back as far as 1900, and no further', () => {
    expect(read({ ...completed, occurredAt: '1900-01-01T00:00:00Z' }).occurredAt).toBe('1900-01-01T00:00:00.000Z');
    expect(faults({ ...completed, occurredAt: '1899-12-31T23:59:59.999Z' })).toEqual([
      { path: 'occurredAt', message: 'lies before 1900: write when it happened' },
    ]);
  });

  it('is looked at together with everything else', () => {
    expect(paths({ ...completed, id: '', occurredAt: '2030-01-01T00:00:00Z' })).toEqual(['id', 'occurredAt']);
  });
});

describe('all faults at once', () => {
  it('twenty are listed, the last of which says how many more there are', () => {
    const answers = Array.from({ length: 100 }, () => 'none');
    const found = faults(of('QuestionnaireSubmitted', { measure: 'phq-9', answers }));
    expect(found).toHaveLength(mostFaults);
    expect(found[18]).toEqual({ path: 'data.answers.18', message: 'write a number' });
    expect(found[19]).toEqual({ path: '', message: 'has 81 more faults: mend these first' });
  });

  it('exactly twenty are all listed', () => {
    const answers = Array.from({ length: mostFaults }, () => 'none');
    expect(paths(of('QuestionnaireSubmitted', { measure: 'phq-9', answers })).at(-1)).toBe('data.answers.19');
  });

  it('one place has one fault, the first', () => {
    expect(faults({ ...completed, id: ` ${'x'.repeat(200)}` })).toHaveLength(1);
  });
});

describe('what cannot be kept', () => {
  it.each(['a', 'é', '✓', '💚', '"', '\u0001'])('the size counts as UTF-8 bytes of JSON, of %j too', (character) => {
    const room = largestEventBytes - bytesOf({ ...fhirWith(''), occurredAt: '2026-03-02T09:00:00.000Z' });
    const each = bytesOf(character) - 2;
    const fitting = character.repeat(Math.floor(room / each)) + 'a'.repeat(room % each);
    const event = { ...fhirWith(fitting), occurredAt: '2026-03-02T09:00:00.000Z' };
    expect(bytesOf(event)).toBe(largestEventBytes);
    expect(read(event)).toEqual(event);
    expect(faults({ ...event, id: `${event.id}x` })).toEqual([
      { path: '', message: 'is larger than 131072 bytes of JSON: write what happened, without attachments' },
    ]);
  });

  it('an event that grows over the limit when its moment is written out is refused, so that what is read can be read again', () => {
    const room = largestEventBytes - bytesOf(fhirWith(''));
    expect(faults(fhirWith('a'.repeat(room)))).toHaveLength(1);
    expect(read(fhirWith('a'.repeat(room - '.000'.length)))).toBeDefined();
  });

  it('ten megabytes are refused without a look inside', () => {
    const large = 'x'.repeat(10_000_000);
    const zeros = JSON.parse(`[${'0,'.repeat(5_000_000)}0]`) as unknown;
    for (const input of [{ ...completed, id: large }, { [large]: 1 }, fhirWith(zeros)])
      expect(faults(input)).toEqual([{ path: '', message: expect.stringMatching(/^is larger than 131072 bytes/) }]);
  });

  it('deep nesting is refused by the place where it begins', () => {
    expect(faults(fhirWith(nested(60_000)))).toEqual([
      { path: 'data.fhir.value', message: 'is nested deeper than 64 levels: write it flatter' },
    ]);
    expect(faults(fhirWith(nested(61)))).toEqual([]);
    expect(faults(fhirWith(nested(62)))).toHaveLength(1);
  });

  it('half a character is refused, in a text and in a name', () => {
    const message = 'holds text that is not well-formed Unicode: write whole characters';
    expect(faults({ ...completed, id: 'ev-\ud800' })).toEqual([{ path: 'id', message }]);
    expect(faults(fhirWith(['ok', '\udc00']))).toEqual([{ path: 'data.fhir.value.1', message }]);
    expect(faults(fhirWith({ '\ud800': 1 }))).toEqual([{ path: 'data.fhir.value', message }]);
  });

  it('a number beyond the range of numbers is refused', () => {
    expect(faults(JSON.parse(JSON.stringify(fhirWith(0)).replace('"value":0', '"value":1e999')))).toEqual([
      { path: 'data.fhir.value', message: 'is not a number that can be kept: write one of at most 1e308' },
    ]);
  });

  it('what is not JSON is refused, a field without a value is passed over', () => {
    for (const value of [1n, Symbol('s'), () => 0, [undefined]])
      expect(faults(fhirWith(value))).toEqual([
        {
          path: expect.stringMatching(/^data\.fhir\.value/),
          message: 'is not JSON: write a text, a number, a list or an object',
        },
      ]);
    expect(read(fhirWith({ a: undefined, b: false, c: null }))).toBeDefined();
  });

  it('a value that holds itself is refused', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(faults(fhirWith(loop))).toHaveLength(1);
  });
});
