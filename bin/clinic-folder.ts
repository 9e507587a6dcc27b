import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { type Clinic, programmeSchema, rulesSchema, settingsSchema } from '../functions/domain/clinic.ts';
import { crossChecks } from '../functions/domain/clinic-checks.ts';
import { type ClinicParts, compileClinic } from '../functions/domain/clinic-compile.ts';
import { type EscalationFile, escalationSchema, type StaffId } from '../functions/domain/escalation-plan.ts';
import { measureSchema } from '../functions/domain/measure.ts';
import { messagesSchema } from '../functions/domain/message-template.ts';
import { calendarAbsences } from './calendar-absences.ts';
import { nearWord } from './near-word.ts';
import { readWith } from './schema-faults.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/** One thing wrong in a clinic's folder. Line and column count from 1. */
export interface FolderFault {
  /** The path of the file, the folder's own path included. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** "clinic/programme.yaml:12: what is wrong: what to write instead". */
export function formatFault({ file, line, message }: FolderFault): string {
  return `${file}:${line}: ${message}`;
}

/**
 * Reads a clinic's folder as a whole: a configuration without a fault, or every fault there is, by file and line. Never throws
 * for what the folder holds or lacks.
 */
export function loadClinic(folder: string): { readonly clinic: Clinic } | { readonly faults: readonly FolderFault[] } {
  const reader = new FolderReader(folder);
  const settings = reader.read('clinic.yaml', settingsSchema);
  const programme = reader.read('programme.yaml', programmeSchema);
  const rules = reader.read('rules.yaml', rulesSchema);
  const escalation = reader.read('escalation.yaml', escalationSchema);
  const calendars = settings === null ? {} : reader.readCalendars(escalation?.staff ?? [], settings.timeZone);
  const measures = reader.readAll('measures', measureSchema);
  const messages = reader.readAll('messages', messagesSchema);
  reader.refuseOthers(['clinic.yaml', 'programme.yaml', 'rules.yaml', 'escalation.yaml']);
  const parts = { settings, programme, rules, escalation, calendars, measures, messages };
  for (const { file, path, message } of crossChecks(parts)) reader.report(file, path, message);
  if (reader.faults.length > 0) return { faults: reader.faults.toSorted(byFileAndLine) };
  if (settings === null || programme === null || rules === null || escalation === null)
    throw new Error('a file is missing without a fault');
  const lists = { calendars: whole(calendars), measures: whole(measures), messages: whole(messages) };
  return { clinic: compileClinic({ settings, programme, rules, escalation, ...lists }) };
}

function byFileAndLine(a: FolderFault, b: FolderFault): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

function whole<T>(parts: { [name: string]: T | null }): { [name: string]: T } {
  return Object.fromEntries(Object.entries(parts).flatMap(([name, part]) => (part === null ? [] : [[name, part]])));
}

type CalendarAbsences = ClinicParts['calendars'][string];

/** Reads files one by one and gathers what is wrong with them. */
class FolderReader {
  readonly faults: FolderFault[] = [];
  readonly #folder: string;
  readonly #files = new Map<string, YamlFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file's content, or null where it has faults. */
  read<T extends z.ZodType>(name: string, schema: T): z.output<T> | null {
    const text = this.#textOf(name);
    if (text === null) return null;
    const yaml = readYaml(text);
    this.#files.set(name, yaml);
    for (const { line, column, message } of yaml.faults) this.#add(name, line, column, message);
    if (yaml.value === undefined) return null;
    const checked = readWith(schema, yaml.value);
    if ('value' in checked) return yaml.faults.length === 0 ? checked.value : null;
    for (const { path, message } of checked.faults) this.report(name, path, message);
    return null;
  }

  /** Every file of a subfolder by its name without ".yaml". */
  readAll<T extends z.ZodType>(subfolder: string, schema: T): { [name: string]: z.output<T> | null } {
    const names = this.#namesIn(subfolder);
    if (names === null) this.#add(subfolder, 1, 1, 'is missing: add the folder with at least one .yaml file');
    const yaml = (names ?? []).filter((name) => name.endsWith('.yaml'));
    if (names !== null && yaml.length === 0) this.#add(subfolder, 1, 1, 'is empty: add at least one .yaml file');
    for (const name of names ?? [])
      if (isMisnamed(name))
        this.#add(`${subfolder}/${name}`, 1, 1, 'is not read: let its name end in .yaml, or move it away');
    return Object.fromEntries(
      yaml.map((name) => [name.slice(0, -'.yaml'.length), this.read(`${subfolder}/${name}`, schema)]),
    );
  }

  /** The absences in the calendars that staff have, by staff id; null where a calendar has faults. */
  readCalendars(staff: EscalationFile['staff'], timeZone: string): { [id: StaffId]: CalendarAbsences | null } {
    const entries = staff.flatMap(({ id, calendar }) => (calendar === undefined ? [] : [{ id, calendar }]));
    return Object.fromEntries(entries.map(({ id, calendar }) => [id, this.#absencesIn(calendar, timeZone)]));
  }

  #absencesIn(name: string, timeZone: string): CalendarAbsences | null {
    const text = this.#textOf(name);
    if (text === null) return null;
    const read = calendarAbsences(text, timeZone);
    if ('absences' in read) return read.absences;
    for (const { line, message } of read.faults) this.#add(name, line, 1, message);
    return null;
  }

  /** A configuration file under a wrong name would be passed over in silence. */
  refuseOthers(known: readonly string[]): void {
    for (const name of this.#namesIn('.') ?? []) {
      if (known.includes(name) || !/\.(ya?ml|json)$/i.test(name)) continue;
      const near = nearWord(name, known);
      const instead = near === undefined ? `move it away (known here: ${known.join(', ')})` : `did you mean ${near}?`;
      this.#add(name, 1, 1, `is not read: ${instead}`);
    }
  }

  report(name: string, path: readonly (string | number)[], message: string): void {
    const { line, column } = this.#files.get(name)?.placeOf(path) ?? { line: 1, column: 1 };
    this.#add(name, line, column, message);
  }

  #add(name: string, line: number, column: number, message: string): void {
    this.faults.push({ file: join(this.#folder, name), line, column, message });
  }

  #textOf(name: string): string | null {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(join(this.#folder, name)));
    } catch (error) {
      this.#add(name, 1, 1, readingFault(error));
      return null;
    }
  }

  /** Null where there is no such folder. Names that start with a dot are the system's own. */
  #namesIn(subfolder: string): string[] | null {
    try {
      return readdirSync(join(this.#folder, subfolder))
        .filter((name) => !name.startsWith('.'))
        .toSorted();
    } catch {
      return null;
    }
  }
}

function isMisnamed(name: string): boolean {
  return !name.endsWith('.yaml') && !name.endsWith('.md');
}

function readingFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'is missing: add the file';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text: save it as UTF-8';
  return `cannot be read (${String(code)}): make it a file that you may read`;
}
