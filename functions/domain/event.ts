import * as z from 'zod';
import { canonicalText } from './canonical.ts';
import { contactSchema } from './contact.ts';
import { toEpoch } from './epoch.ts';
import { type Fault, fault, faultsOf, inOurWords, listed } from './event-fault.ts';
import { days, type Instant, isTimeZone, readInstant } from './instant.ts';
import { weighJson } from './json-weight.ts';

export type { Fault } from './event-fault.ts';

/** The largest event taken, in bytes of its JSON text: it must fit one DynamoDB item (400 KB) after encryption. */
export const largestEventBytes = 128 * 1024;

/** The longest id of an event or a patient, in characters. */
const longestId = 200;

/** How far ahead of our clock an event may say it happened: a sender's clock may be wrong, but not by more than a day. */
const furthestAheadMilliseconds = 1 * days;

/** An event from before this is a clock that was never set, or a date of birth in the wrong place. */
const earliest: Instant = '1900-01-01T00:00:00.000Z';

// A control character could forge a line of a log; a blank that slipped in at an end would make another patient of "p-1 ".
const control = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029';
const idPattern = new RegExp(`^[^\\s${control}]([^${control}]*[^\\s${control}])?$`);

const id = (what: string) =>
  z
    .string()
    .min(1, `is empty: write the ${what}`)
    .max(longestId, `is too long: write at most ${longestId} characters`)
    .regex(idPattern, 'holds a control character, or a blank at an end: write the id alone');

/** A name that the clinic's configuration or staff list uses. */
const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'write 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first',
  );

/** For the published schema only, where `format` need not be looked at: readInstant is stricter. */
const dateTimePattern = '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[+-]\\d{2}:\\d{2})$';

const askForInstant = 'write a date-time with its offset, such as 2026-03-02T09:00:00Z';

export const instantSchema = z
  .string()
  .max(40, askForInstant)
  .meta({
    format: 'date-time',
    pattern: dateTimePattern,
    examples: ['2026-03-02T09:00:00Z', '2026-03-02T10:00:00.5+01:00'],
  })
  .transform((text, context): Instant => {
    const instant = readInstant(text);
    if (instant !== null) return instant;
    context.addIssue({ code: 'custom', message: askForInstant });
    return z.NEVER;
  });

const timeZone = z
  .string()
  .max(64, 'is too long: write an IANA time zone of at most 64 characters')
  .refine(isTimeZone, 'name an IANA time zone by area and city, spelled as in its list, such as America/New_York')
  .meta({ examples: ['America/New_York', 'Europe/Stockholm'] });

const track = z.enum(['self-guided', 'therapist-supported']);
const minutes = z
  .number()
  .min(0, 'is negative: write the minutes it took')
  .max(10_000, 'is too large: write the minutes it took, at most 10000')
  .describe('minutes, as the programme measured them');
const scopes = z
  .array(z.enum(['scoring', 'reminders']))
  .min(1, 'is empty: write at least one scope')
  .max(2, 'is too long: write each scope once')
  .describe('what the patient agrees to or no longer agrees to: risk scoring, reminders');
const language = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/, 'write a language tag such as "en", "en-US" or "es-419"')
  .meta({ examples: ['en', 'en-US', 'es-419'] })
  .describe('BCP 47 language of the messages to the patient, with script or region where needed');
const module = name.meta({ examples: ['m2'] }).describe('id of a module in programme.yaml');
const correspondent = z.enum(['patient', 'therapist']);
const channel = z.enum(['sms', 'email']);
const hourOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of the day such as 18:30')
  .meta({ examples: ['18:30'] });

const plainAnswers = z.strictObject({
  measure: name.meta({ examples: ['phq-9'] }).describe('id of a measure in clinic/measures'),
  answers: z
    .array(z.number().nullable())
    .max(200, 'is too long: write at most 200 answers')
    .describe('answers as numbers, in the order of the items; `null` where an item was not answered, never 0'),
});

const fhirResponse = z.strictObject({
  fhir: z
    .looseObject({ resourceType: z.string().describe('`QuestionnaireResponse`') })
    .describe('FHIR R4 resource, as the programme exports it; what is unambiguous in it is read'),
});

/** The content of each type of event: what stands in its `data`. */
export const eventData = {
  PatientEnrolled: z
    .strictObject({
      programme: name.meta({ examples: ['depression'] }).describe('id of the programme in programme.yaml'),
      track: track.describe('whether a therapist accompanies the patient'),
      therapist: name
        .meta({ examples: ['t-7'] })
        .nullable()
        .optional()
        .describe('opaque id of the therapist; absent or `null`: nobody yet, so alerts go to the supervisor'),
      timeZone: timeZone
        .optional()
        .describe("IANA time zone of the place where the patient lives; absent: the clinic's, and the record says so"),
      contact: contactSchema.optional().describe('how the patient wants to be reached; stored encrypted'),
      language: language.optional(),
    })
    .describe('A patient starts the programme. Events of this patient that came earlier take effect now.'),
  ConsentGiven: z
    .strictObject({ scopes })
    .describe('The patient agrees to risk scoring, to reminders, or to both. Without it there is neither.'),
  ConsentWithdrawn: z
    .strictObject({ scopes })
    .describe(
      'The patient no longer agrees. It holds from the next decision on; safety alerts on answers received stay.',
    ),
  PatientActive: z
    .strictObject({
      kind: z.enum(['log-in', 'use']).describe('a log-in, or some other use of the programme'),
      minutes: minutes.optional(),
    })
    .describe('The patient logged in to the programme or used it.'),
  ModuleStarted: z.strictObject({ module }).describe('The patient opened a module for the first time.'),
  ModuleCompleted: z.strictObject({ module, minutes: minutes.optional() }).describe('The patient finished a module.'),
  QuestionnaireSubmitted: z
    .union([plainAnswers, fhirResponse], { error: 'write either "measure" and "answers", or "fhir", and nothing else' })
    .describe(
      'The patient answered a questionnaire, wholly or in part: either the plain answers, or a FHIR R4 QuestionnaireResponse. ' +
        'A missing item is never scored as 0. Send it at once: a question on self-harm is looked at on arrival.',
    ),
  BarrierReported: z
    .strictObject({
      barrier: z
        .enum(['time', 'motivation', 'fit', 'contact', 'technology'])
        .describe(
          'too little time, too little motivation, a programme that does not fit, the wrong kind of contact, technical trouble',
        ),
    })
    .describe('The patient says what stands in the way.'),
  MessageExchanged: z
    .strictObject({
      from: correspondent.describe('who wrote'),
      to: correspondent.describe('who it was for: the other one'),
    })
    .refine(({ from, to }) => from !== to, { path: ['to'], message: 'is who wrote: write the other one' })
    .describe('Patient and therapist wrote to each other. Who to whom, never the text.'),
  ContactChanged: z
    .strictObject({
      contact: contactSchema.optional().describe('all contact details from now on; stored encrypted'),
      timeZone: timeZone.optional().describe('IANA time zone of the place where the patient lives now'),
      language: language.optional(),
    })
    .refine((change) => Object.keys(change).length > 0, 'is empty: write what changed, contact, timeZone or language')
    .meta({ minProperties: 1 })
    .describe('New contact details, a move to another time zone, another language. What is absent stays as it is.'),
  PreferencesChanged: z
    .strictObject({
      channels: z
        .array(channel)
        .max(2, 'is too long: write each channel once')
        .optional()
        .describe(
          'the channels that the patient agrees to, the preferred one first, instead of `contact.preferred`; empty: no reminders',
        ),
      hour: hourOfDay
        .nullable()
        .optional()
        .describe("when in the patient's day reminders are welcome; `null`: at the clinic's hour"),
      pausedUntil: instantSchema
        .nullable()
        .optional()
        .describe('no reminders before this moment; `null`: the pause of reminders is over'),
    })
    .refine((change) => Object.keys(change).length > 0, 'is empty: write what changed, channels, hour or pausedUntil')
    .meta({ minProperties: 1 })
    .describe('How the patient wants to be reminded from now on. What is absent stays as it is.'),
  ReminderOptedOut: z
    .strictObject({ channel: channel.describe('the channel on which the patient said STOP') })
    .describe(
      'The patient wants no reminders on this channel any more, whatever the preferences say. The other one stays.',
    ),
  ReminderOptedIn: z
    .strictObject({ channel: channel.describe('the channel that may be used again') })
    .describe('The patient takes a STOP back.'),
  TherapistAssigned: z
    .strictObject({
      therapist: name
        .meta({ examples: ['t-7'] })
        .nullable()
        .describe('opaque id of the therapist; `null`: nobody for now'),
    })
    .describe('Another therapist accompanies the patient.'),
  TrackChanged: z
    .strictObject({ track: track.describe('the track from now on') })
    .describe('The patient changes between self-guided and therapist-supported.'),
  EnrolmentPaused: z
    .strictObject({
      until: instantSchema.optional().describe('when the pause ends by itself; absent: with EnrolmentResumed'),
    })
    .describe('The patient pauses: no scoring and no reminders meanwhile.'),
  EnrolmentResumed: z.strictObject({}).describe('The pause is over.'),
  EnrolmentEnded: z
    .strictObject({
      reason: z.enum(['completed', 'dropped-out', 'referred', 'moved', 'deceased', 'other']).describe('why'),
    })
    .describe('The patient leaves the programme.'),
  LiveSessionRequested: z.strictObject({}).describe('The patient asks to talk to the therapist.'),
  LiveSessionScheduled: z
    .strictObject({
      startsAt: instantSchema.nullable().describe('when the talk begins; `null`: no talk is agreed any more'),
    })
    .describe('Patient and therapist have agreed on a talk, moved it or cancelled it.'),
  LiveSessionHeld: z.strictObject({ minutes: minutes.optional() }).describe('The talk took place.'),
} as const;

export type EventType = keyof typeof eventData;

function isEventType(text: unknown): text is EventType {
  return typeof text === 'string' && Object.hasOwn(eventData, text);
}

export const eventTypes = Object.keys(eventData).filter(isEventType);

const envelope = {
  id: id('id').describe('given by the sender and unique for it: the same id with the same content is the same event'),
  occurredAt: instantSchema.describe('when it happened'),
  patient: id('patient').describe("the programme's own id of the patient; Tandem stores only a keyed hash of it"),
};

function eventSchemaOf<T extends EventType>(type: T) {
  return z.strictObject({
    id: envelope.id,
    type: z.literal(type),
    occurredAt: envelope.occurredAt,
    patient: envelope.patient,
    data: eventData[type],
  });
}

/** The schema of every type of event, by its name. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- built from every type, which Object.fromEntries cannot say
export const eventSchemas = Object.fromEntries(eventTypes.map((type) => [type, eventSchemaOf(type)])) as unknown as {
  [T in EventType]: ReturnType<typeof eventSchemaOf<T>>;
};

/** Something that happened, with an id from its sender, checked, its time in UTC. */
export type ClinicalEvent = {
  [T in EventType]: {
    id: string;
    type: T;
    occurredAt: Instant;
    patient: string;
    data: z.output<(typeof eventData)[T]>;
  };
}[EventType];

export type ReadEvent = { readonly event: ClinicalEvent } | { readonly faults: readonly Fault[] };

/** What every event has: used where the type, and with it the schema, is not known. */
const anyEventSchema = z.strictObject({ ...envelope, type: z.enum(eventTypes), data: z.looseObject({}) });

const tooLarge: Fault = {
  path: '',
  message: `is larger than ${largestEventBytes} bytes of JSON: write what happened, without attachments`,
};

/**
 * Reads one event in the public form. Total: any value gives an event, or every reason why not. What is read can be read
 * again, with the same result.
 * @param now the receiver's clock: an event from more than a day ahead is refused.
 */
export function readEvent(input: unknown, now: Instant): ReadEvent {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { faults: [{ path: '', message: 'is not an event: write an object in braces' }] };
  // First, and cheaply: nothing below looks into what is too large.
  const { bytes, unfit } = weighJson(input, largestEventBytes);
  if (bytes > largestEventBytes) return { faults: [tooLarge] };

  const { type, occurredAt } = input as { readonly type?: unknown; readonly occurredAt?: unknown };
  const schema = isEventType(type) ? eventSchemas[type] : anyEventSchema;
  const parsed = schema.safeParse(input, { error: inOurWords });
  const faults = [
    ...unfit.map(({ path, message }) => fault(path, message)),
    ...faultsOf(parsed.error?.issues ?? []),
    ...untimely(occurredAt, now),
  ];
  if (faults.length > 0) return { faults: listed(faults) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a fault, one of eventSchemas has read it
  const event = parsed.data as ClinicalEvent;
  // A moment can be a few bytes longer in UTC than as it was written.
  return weighJson(event, largestEventBytes).bytes > largestEventBytes ? { faults: [tooLarge] } : { event };
}

/** What is wrong with the moment itself, where it is one: it lies too far ahead, or before anybody now alive. */
function untimely(occurredAt: unknown, now: Instant): Fault[] {
  const at = typeof occurredAt === 'string' ? readInstant(occurredAt) : null;
  if (at === null) return [];
  if (at < earliest) return [{ path: 'occurredAt', message: 'lies before 1900: write when it happened' }];
  if (toEpoch(at) > toEpoch(now) + furthestAheadMilliseconds)
    return [
      {
        path: 'occurredAt',
        message: "lies more than a day ahead: set the sender's clock right and write when it happened",
      },
    ];
  return [];
}

/** Whether two events with one id say the same, compared after reading: another notation of the same moment is no difference. */
export function sameEvent(a: ClinicalEvent, b: ClinicalEvent): boolean {
  return canonicalText(a) === canonicalText(b);
}
