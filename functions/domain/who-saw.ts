import type { AuditRecord, ChainId } from './audit-chain.ts';
import { isByPerson, patientsListed } from './audit-record.ts';
import type { Instant } from './instant.ts';
import { dateInWords, momentInWords } from './local-words.ts';
import { automaticWords, type Deed, deedOf, roleInWords } from './who-saw-words.ts';

/** Something that one person did, once or more. */
export interface DeedTimes extends Deed {
  /** The oldest first. */
  readonly times: readonly Instant[];
}

export interface PersonSeen {
  /** Staff id, or the name under which somebody works at the command line. */
  readonly who: string;
  readonly role: string;
  readonly deeds: readonly DeedTimes[];
}

/** Everybody who saw or changed what about one patient. */
export interface WhoSaw {
  readonly people: readonly PersonSeen[];
  /** What programs did, by kind. */
  readonly automatic: readonly { readonly did: string; readonly times: readonly Instant[] }[];
}

/**
 * Whether a record of the system's chains concerns the patient: it names them, alone (they were erased, or could not be looked at) or in
 * a list, or it is an export whose contents somebody can read. One without keys shows nobody a word.
 */
export function concerns(record: AuditRecord, chain: ChainId): boolean {
  const { patient, chains, keys } = record.detail;
  if (patient === chain || patientsListed(record).includes(chain)) return true;
  return record.action === 'audit.export' && keys === true && (chains === 'all' || [chains].flat().includes(chain));
}

/**
 * Who saw or changed what, grouped by person and by what they did, in the order in which each first happened. Every record
 * counts: what there are no words for is told as the record says it.
 */
export function whoSaw(records: readonly AuditRecord[]): WhoSaw {
  const people = new Map<string, { who: string; role: string; deeds: Map<string, Deed & { times: Instant[] }> }>();
  const automatic = new Map<string, Instant[]>();
  for (const record of records.toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1))) {
    if (!isByPerson(record)) {
      const did = automaticWords(record);
      automatic.set(did, [...(automatic.get(did) ?? []), record.recordedAt]);
      continue;
    }
    const { who, role } = record.agent;
    const person = people.get(`${who}\n${role}`) ?? {
      who,
      role,
      deeds: new Map<string, Deed & { times: Instant[] }>(),
    };
    people.set(`${who}\n${role}`, person);
    const deed = deedOf(record);
    const key = `${deed.did}\n${deed.why}`;
    const known = person.deeds.get(key) ?? { ...deed, times: [] };
    person.deeds.set(key, known);
    known.times.push(record.recordedAt);
  }
  return {
    people: [...people.values()].map(({ who, role, deeds }) => ({ who, role, deeds: [...deeds.values()] })),
    automatic: [...automatic].map(([did, times]) => ({ did, times })),
  };
}

/** The same for the patient, in plain English, as lines of text. Times are the clinic's. */
export function whoSawText({ people, automatic }: WhoSaw, timeZone: string): string {
  const seen = people.flatMap(({ who, role, deeds }) => [
    '',
    `${who} (${roleInWords(role)})`,
    ...deeds.flatMap(({ did, why, times }) => [
      `  ${did}.`,
      `    Why: ${why}.`,
      `    When: ${[...new Set(times.map((at) => momentInWords(at, timeZone)))].join('; ')}.`,
    ]),
  ]);
  const done = automatic.map(({ did, times }) => `  ${did}: ${countInWords(times, timeZone)}.`);
  return [
    'Who saw or changed your record',
    `Times are what the clock at your clinic shows (${timeZone}). Each person has a short name that the clinic knows.`,
    ...(seen.length === 0 ? ['', 'No person has looked at it or changed it.'] : seen),
    ...(done.length === 0 ? [] : ['', 'Done by a computer. No person looked at your record for this.', ...done]),
  ].join('\n');
}

function countInWords(times: readonly Instant[], timeZone: string): string {
  const days = [...new Set(times.map((at) => dateInWords(at, timeZone)))];
  const count = times.length === 1 ? 'once' : `${times.length} times`;
  return days.length === 1 ? `${count}, on ${days[0]}` : `${count}, from ${days[0]} to ${days.at(-1)}`;
}
