import * as z from 'zod';
import type { BusEntry } from '../ports/door.ts';
import type { Clinic } from './clinic.ts';
import { type EventType, eventSchemas, eventTypes, largestEventBytes, readEvent } from './event.ts';
import { checkAgainstClinic } from './event-clinic.ts';
import { type Fault, fault, faultsOf, inOurWords, listed } from './event-fault.ts';
import type { Instant } from './instant.ts';
import { deepestNesting, weighJson } from './json-weight.ts';

/*
 * CloudEvents 1.0 and the public event say the same in other words:
 *
 *     id, type, data     as they are
 *     time            -> occurredAt
 *     subject         -> patient
 *     source             the clinic's setting `eventSource`, and nothing else
 *     specversion        "1.0"
 *     datacontenttype    application/json, or absent
 *
 * Attributes that are null are absent (CloudEvents JSON format 1.0, section 2.2). Every other attribute is refused by name.
 */

/** What a CloudEvent calls the fields that an event calls otherwise. */
const attributeOf: { readonly [field: string]: string } = { occurredAt: 'time', patient: 'subject' };

/** The attributes that an event has no field for. */
const ownAttributes = {
  specversion: z.literal('1.0').describe('the version of CloudEvents'),
  source: z.string().describe("the source that the clinic has agreed with you: `eventSource` in the clinic's settings"),
  datacontenttype: z
    .string()
    .regex(/^application\/json(; ?charset=utf-8)?$/i, 'write application/json, or leave it out')
    .optional()
    .meta({ examples: ['application/json'] })
    .describe('the format of `data`; absent: JSON'),
};

function cloudEventSchemaOf<T extends EventType>(type: T) {
  const { id, occurredAt, patient, data, type: typeSchema } = eventSchemas[type].shape;
  const { specversion, source, datacontenttype } = ownAttributes;
  return z.strictObject({
    specversion,
    id,
    source,
    type: typeSchema,
    subject: patient,
    time: occurredAt,
    datacontenttype,
    data,
  });
}

/** The schema of a CloudEvent for every type of event, by its name: for the published description of the door. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- built from every type, which Object.fromEntries cannot say
export const cloudEventSchemas = Object.fromEntries(eventTypes.map((type) => [type, cloudEventSchemaOf(type)])) as {
  [T in EventType]: ReturnType<typeof cloudEventSchemaOf<T>>;
};

/** What the door reads a CloudEvent against. */
export type DoorClinic = Pick<Clinic, 'programme' | 'measures'> & {
  readonly settings: { readonly deployment: Pick<Clinic['settings']['deployment'], 'eventSource'> };
};

export type ReadCloudEvent =
  | { readonly outcome: 'accepted'; readonly id: string; readonly entry: BusEntry }
  | {
      readonly outcome: 'refused';
      readonly faults: readonly Fault[];
      /** What goes on the bus all the same, for the intake to refuse, read for safety and set aside; null where nothing does. */
      readonly entry: BusEntry | null;
    }
  /** Nothing of it is looked at or kept. */
  | { readonly outcome: 'too-large'; readonly faults: readonly Fault[] };

/**
 * Reads one CloudEvent. Total: whatever comes is accepted, refused with every reason, or too large. What is accepted here the
 * intake takes, unless its id was used before for something else; what is refused here the intake refuses too.
 * @param now the receiver's clock
 */
export function readCloudEvent(input: unknown, clinic: DoorClinic, now: Instant): ReadCloudEvent {
  if (!isRecord(input))
    return { outcome: 'refused', faults: [fault([], 'is not a CloudEvent: write an object in braces')], entry: null };
  const { bytes, unfit } = weighJson(input, largestEventBytes);
  if (bytes > largestEventBytes) return { outcome: 'too-large', faults: [tooLarge] };

  const { id, type, subject, time, data, ...others } = withoutNulls(input);
  const { eventSource } = clinic.settings.deployment;
  const detail = { id, occurredAt: time, patient: subject, data };
  const read = readEvent({ ...detail, type }, now);
  const misfits = 'faults' in read ? read.faults : checkAgainstClinic(read.event, clinic);
  const foreign = [
    ...faultsOfOthers(others, eventSource),
    // Again, because what is unfit may stand in an attribute that the event does not have.
    ...unfit.map(({ path, message }) => fault(path, message)),
  ];
  if ('event' in read && misfits.length + foreign.length === 0)
    return {
      outcome: 'accepted',
      id: read.event.id,
      entry: { source: eventSource, detailType: read.event.type, detail },
    };

  const faults = listed([...foreign, ...misfits.map(inAttributes)]);
  if (typeof type !== 'string' || !isRecord(data)) return { outcome: 'refused', faults, entry: null };
  // A type of any length would not be taken as a detail-type.
  const known = eventTypes.find((one) => one === type);
  const unread = known === undefined ? { ...others, type } : others;
  return {
    outcome: 'refused',
    faults,
    entry: {
      source: eventSource,
      detailType: known ?? 'CloudEvent',
      // The event has no field for it: so the intake refuses what it could have taken without.
      detail: asJson(known && foreign.length === 0 ? detail : { ...detail, cloudEvent: unread }, deepestNesting),
    },
  };
}

const tooLarge: Fault = {
  path: '',
  message: `is larger than ${largestEventBytes} bytes of JSON: write what happened, without attachments`,
};

function withoutNulls(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}

function faultsOfOthers(others: Readonly<Record<string, unknown>>, eventSource: string): Fault[] {
  const { source } = others;
  const elsewhere = typeof source === 'string' && source !== eventSource;
  return [
    ...faultsOf(z.strictObject(ownAttributes).safeParse(others, { error: inOurWords }).error?.issues ?? []),
    ...(elsewhere ? [fault(['source'], `is not the source agreed with the clinic: write ${eventSource}`)] : []),
  ];
}

/** The fault in the words of CloudEvents. */
function inAttributes({ path, message }: Fault): Fault {
  return { path: attributeOf[path] ?? path, message };
}

/**
 * What of a value every reader of JSON takes in the same way: a lone surrogate, a number beyond the range of a double and whatever lies
 * deeper than `levels` are replaced, everything else is as it was. A safety item beside a broken emoji is still read.
 */
function asJson(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => asJson(item, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name.toWellFormed(), asJson(part, levels - 1)]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
