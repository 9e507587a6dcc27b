import type { DoorClinic, ReadCloudEvent } from '../domain/cloud-event.ts';
import type { Refusal, Results } from '../domain/door-answer.ts';
import type { Fault } from '../domain/event.ts';
import { type Form, formOf, readBody } from '../domain/event-batch.ts';
import type { Instant } from '../domain/instant.ts';
import { type Bus, type BusEntry, DoorClosed } from '../ports/door.ts';

export interface DoorPorts {
  readonly bus: Bus;
  readonly clinic: DoorClinic;
}

/** A request as it came, its sender known to be the vendor. */
export interface VendorRequest {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Answer {
  readonly status: 202 | 400 | 413 | 415 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Results | Refusal;
  /** Events on the bus: to take effect, and to be set aside. */
  readonly accepted: number;
  readonly setAside: number;
  /** Events of which nothing is kept, because they have no event's shape or are too large; a body that cannot be read is one. */
  readonly turnedAway: number;
  /** Why the bus was closed; absent where it was open. */
  readonly closed?: DoorClosed;
}

/** Seconds after which a sender may try a closed door again: EventBridge throttles by the second. */
const retryAfterSeconds = 5;

/**
 * Answers one request of the vendor: reads every event as the intake will, and answers once all that is accepted, and all
 * that is to be set aside, is on the bus and so can no longer be lost. Whoever gets no 202 may send the same again.
 */
export async function answerVendor({ bus, clinic }: DoorPorts, request: VendorRequest, now: Instant): Promise<Answer> {
  const form = formOf(request.headers['content-type'] ?? '');
  if (form === null || isCompressed(request)) return refused(415, wrongForm(request));
  const read = readBody(form, request.body, clinic, now);
  if ('unread' in read) {
    const [status, message] = read.unread === 'too-large' ? ([413, tooLarge] as const) : ([400, malformed] as const);
    return refused(status, message, [read.fault]);
  }

  const accepted = read.events.flatMap((event) => (event.outcome === 'accepted' ? [event.entry] : []));
  const setAside = read.events.flatMap((event): BusEntry[] =>
    event.outcome === 'refused' && event.entry !== null ? [event.entry] : [],
  );
  try {
    // One after the other: should the bus not take what is broken, what is whole is in force already.
    await bus.put(accepted);
    await bus.put(setAside);
  } catch (error) {
    if (!(error instanceof DoorClosed)) throw error;
    const headers = { 'retry-after': String(retryAfterSeconds) };
    return { ...refused(503, closed), headers, turnedAway: 0, closed: error };
  }
  const turnedAway = read.events.length - accepted.length - setAside.length;
  return { ...answerTo(form, read.events), accepted: accepted.length, setAside: setAside.length, turnedAway };
}

function answerTo(form: Form, events: readonly ReadCloudEvent[]): Answer {
  const [first] = events;
  if (form === 'one' && first !== undefined && first.outcome !== 'accepted') {
    const isTooLarge = first.outcome === 'too-large';
    return refused(isTooLarge ? 413 : 400, isTooLarge ? tooLarge : eventRefused, first.faults, isSetAside(first));
  }
  return { status: 202, headers: {}, body: { results: events.map(resultOf) }, accepted: 0, setAside: 0, turnedAway: 0 };
}

function resultOf(event: ReadCloudEvent): Results['results'][number] {
  if (event.outcome === 'accepted') return { id: event.id, status: 'accepted' };
  return { status: 'refused', setAside: isSetAside(event), faults: [...event.faults] };
}

function isSetAside(event: ReadCloudEvent): boolean {
  return event.outcome === 'refused' && event.entry !== null;
}

function refused(
  status: Exclude<Answer['status'], 202>,
  message: string,
  faults: readonly Fault[] = [],
  setAside = false,
): Answer {
  return {
    status,
    headers: {},
    body: { message, setAside, faults: [...faults] },
    accepted: 0,
    setAside: 0,
    turnedAway: 1,
  };
}

const malformed = 'the body holds no CloudEvents';
const tooLarge = 'the request is too large';
const eventRefused = 'the event was refused';
const closed = 'the events could not all be kept: send the same request again, which is harmless';

function isCompressed({ headers }: VendorRequest): boolean {
  return (headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity';
}

function wrongForm(request: VendorRequest): string {
  const askFor = 'send application/cloudevents+json or application/cloudevents-batch+json, in UTF-8';
  if (isCompressed(request)) return 'a compressed body is not taken: send it as it is';
  if (Object.keys(request.headers).some((name) => name.startsWith('ce-')))
    return `the binary mode of CloudEvents (ce- headers) is not taken: ${askFor}`;
  return `the content-type is not taken: ${askFor}`;
}
