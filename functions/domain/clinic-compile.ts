import { fingerprint } from './canonical.ts';
import type { Clinic, Programme, ProgrammeFile, Rules, Settings } from './clinic.ts';
import { type Absence, compilePlan, type EscalationFile, type StaffId } from './escalation-plan.ts';
import { foldVersion } from './fold.ts';
import type { Measure } from './measure.ts';
import type { Messages } from './message-template.ts';

/** A clinic's files, each valid by itself. */
export interface ClinicParts {
  readonly settings: Settings;
  readonly programme: ProgrammeFile;
  readonly rules: Rules;
  readonly escalation: EscalationFile;
  /** Absences out of iCalendar files, by staff id. */
  readonly calendars: { readonly [staff: StaffId]: readonly Pick<Absence, 'from' | 'until'>[] };
  /** By the file's name in measures/, without ".yaml". */
  readonly measures: { readonly [name: string]: Measure };
  /** By the file's name in messages/, without ".yaml": the language. */
  readonly messages: { readonly [language: string]: Messages };
}

/** One configuration out of files in which `crossChecks` finds no fault. The order of the files does not matter. */
export function compileClinic(parts: ClinicParts): Clinic {
  const { settings, rules, messages } = parts;
  const programme: Programme = { ...parts.programme, modules: withDueDays(parts.programme) };
  const measures = Object.values(parts.measures).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const escalation = compilePlan(parts.escalation, parts.calendars, settings.timeZone);
  const clinic = { settings, programme, measures, rules, escalation, messages };
  return { ...clinic, hash: clinicHash(clinic) };
}

/** Clinic.hash, over all that a decision can depend on and nothing else: the configuration, and how events are folded. */
export function clinicHash({
  settings,
  programme,
  measures,
  rules,
}: Pick<Clinic, 'settings' | 'programme' | 'measures' | 'rules'>): string {
  return fingerprint({ foldVersion, timeZone: settings.timeZone, programme, measures, rules });
}

/** A module without a due day of its own is due `paceDays` after the one before it; the first, after the enrolment. */
export function withDueDays(programme: ProgrammeFile): Programme['modules'] {
  let before = 0;
  return programme.modules.map(({ id, title, dueDay = before + programme.paceDays }) => {
    before = dueDay;
    return { id, title, dueDay };
  });
}
