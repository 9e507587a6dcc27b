import { Temporal } from 'temporal-polyfill';
import type { Clinic } from '../functions/domain/clinic.ts';
import { type ClinicalEvent, readEvent, sameEvent } from '../functions/domain/event.ts';
import { fold } from '../functions/domain/fold.ts';
import { type Instant, instantAt, readInstant } from '../functions/domain/instant.ts';
import type { PatientState } from '../functions/domain/patient.ts';
import { formatFault, loadClinic } from './clinic-folder.ts';
import { bytesOf, jsonLines } from './json-lines.ts';

/** What a file of events says of its patients. */
export interface PatientsAt {
  /** By the programme's own id, in the order in which the file first names them. */
  readonly patients: ReadonlyMap<string, PatientState>;
  /** "line 3: data.module: …", one for each thing wrong; the line is left out, the others count. */
  readonly faults: readonly string[];
}

/** The command cannot be carried out: one clear line, exit code 2. */
export class NotPossible extends Error {}

/** The events of a file, each id once. Ids of events are one sender's. */
export interface EventsOfFile {
  readonly events: readonly ClinicalEvent[];
  /** As in PatientsAt. */
  readonly faults: readonly string[];
}

/** Every patient as known at a moment: later events have not happened yet. */
export async function patientsAt(file: string, at: Instant, clinic: Clinic): Promise<PatientsAt> {
  const { events, faults } = await eventsOfFile(file, at);
  const patients = new Map<string, PatientState>();
  for (const [patient, history] of Map.groupBy(events, (event) => event.patient)) {
    const happened = history.filter(({ occurredAt }) => occurredAt <= at);
    patients.set(patient, fold(happened, clinic));
  }
  return { patients, faults };
}

/** @param latest events up to here are taken, even where they lie ahead of this machine's clock. */
export async function eventsOfFile(file: string, latest: Instant): Promise<EventsOfFile> {
  const events = new Map<string, ClinicalEvent>();
  const faults: string[] = [];
  const clock = instantAt(Temporal.Now.instant().epochMilliseconds);
  for await (const read of eventsOf(bytesOf(file), latest > clock ? latest : clock)) {
    const { line } = read;
    if ('faults' in read) {
      faults.push(...read.faults.map((fault) => `line ${line}: ${fault}`));
      continue;
    }
    const known = events.get(read.event.id);
    if (known !== undefined && !sameEvent(known, read.event))
      faults.push(`line ${line}: id: another event has the same id: give each event its own`);
    else events.set(read.event.id, read.event);
  }
  return { events: [...events.values()], faults };
}

async function* eventsOf(bytes: AsyncIterable<Uint8Array>, now: Instant) {
  for await (const json of jsonLines(bytes)) {
    const { line } = json;
    if ('fault' in json) {
      yield { line, faults: [json.fault] };
      continue;
    }
    const read = readEvent(json.value, now);
    if ('event' in read) yield { line, event: read.event };
    else
      yield { line, faults: read.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)) };
  }
}

/** The clinic of a folder; throws NotPossible with its faults. */
export function clinicOf(folder: string): Clinic {
  const loaded = loadClinic(folder);
  if ('clinic' in loaded) return loaded.clinic;
  throw new NotPossible(
    `${loaded.faults.map(formatFault).join('\n')}\n${folder}: has faults: mend them, then try again`,
  );
}

/** An instant given on the command line; throws NotPossible. */
export function instantOf(text: string, option: string): Instant {
  const instant = readInstant(text);
  if (instant === null)
    throw new NotPossible(`${option}: write a date-time with its offset, such as 2026-03-02T09:00:00Z`);
  return instant;
}

/**
 * Runs a command that reads a file of events: exit code 0 done, 1 where `work` returns faults, 2 where it is not possible;
 * each with its lines on standard error.
 */
export async function withExitCode(work: () => Promise<readonly string[]>): Promise<void> {
  try {
    const faults = await work();
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
  } catch (error) {
    console.error(notPossibleInWords(error));
    process.exitCode = 2;
  }
}

function notPossibleInWords(error: unknown): string {
  if (error instanceof NotPossible) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') throw error;
  return `The file cannot be read (${code}): name a file of events, or - for standard input.`;
}
