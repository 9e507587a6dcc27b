import { type DoorClinic, type ReadCloudEvent, readCloudEvent } from './cloud-event.ts';
import type { Fault } from './event-fault.ts';
import type { Instant } from './instant.ts';

/** The largest body of one request, in bytes. */
export const largestBodyBytes = 256 * 1024;

/** The most events of one request. */
export const mostEvents = 100;

/** How many CloudEvents the sender says are in the body: one, or a list. */
export type Form = 'one' | 'many';

const mediaTypes: { readonly [form in Form]: string } = {
  one: 'application/cloudevents+json',
  many: 'application/cloudevents-batch+json',
};

/** What a `content-type` says; null where it is neither of ours. UTF-8 is the only encoding, named or not. */
export function formOf(contentType: string): Form | null {
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (parameters.some((parameter) => !/^charset="?utf-8"?$/.test(parameter))) return null;
  if (mediaType === mediaTypes.one) return 'one';
  return mediaType === mediaTypes.many ? 'many' : null;
}

export type ReadBody =
  | { readonly events: readonly ReadCloudEvent[] }
  /** Nothing of the body is read as an event. */
  | { readonly unread: 'malformed' | 'too-large'; readonly fault: Fault };

/** Reads the body of a request. Total; each event of a list is read for itself, in order. */
export function readBody(form: Form, body: Uint8Array, clinic: DoorClinic, now: Instant): ReadBody {
  if (body.byteLength > largestBodyBytes)
    return unread('too-large', `is larger than ${largestBodyBytes} bytes: send fewer events in one request`);
  const parsed = parse(body);
  if (parsed === null) return unread('malformed', 'is not JSON in UTF-8: write CloudEvents in their JSON format');
  const { value } = parsed;
  if (form === 'one') {
    if (Array.isArray(value)) return unread('malformed', `is a list: send it as ${mediaTypes.many}`);
    return { events: [readCloudEvent(value, clinic, now)] };
  }
  if (!Array.isArray(value)) return unread('malformed', `is not a list: write one, or send it as ${mediaTypes.one}`);
  if (value.length > mostEvents)
    return unread('too-large', `has more than ${mostEvents} events: send fewer in one request`);
  return { events: value.map((event) => readCloudEvent(event, clinic, now)) };
}

function unread(why: 'malformed' | 'too-large', message: string): ReadBody {
  return { unread: why, fault: { path: '', message } };
}

/** The parser's own message quotes the text, so it goes nowhere. */
function parse(body: Uint8Array): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return null;
  }
}
