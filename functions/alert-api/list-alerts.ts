import type { Alert } from '../domain/alert.ts';
import { type AlertLine, alertLine, byUrgency, withoutPatient } from '../domain/alert-view.ts';
import { tiers } from '../domain/escalation-plan.ts';
import type { Patient, PatientId } from '../domain/patient.ts';
import { mayKnowOf, type Person, sightOf } from '../domain/staff-access.ts';
import type { AlertPlace } from '../ports/alert-index.ts';
import { PatientErased } from '../ports/patients.ts';
import { type ApiAnswer, failed, ok } from './answer.ts';
import type { AlertApiPorts } from './ports.ts';
import { alertsOfRecord, listRecord, refusalRecord } from './records.ts';

/** Patients read at the same time. */
const atOnce = 20;

interface Shown {
  readonly patient: PatientId;
  readonly line: AlertLine;
}

/**
 * The open alerts that somebody may know of, urgent first. What was shown stands in the audit before it is shown. A patient whose
 * record cannot be read does not hide the others; the answer says how many those are.
 */
export async function listAlerts(ports: AlertApiPorts, person: Person, from: string): Promise<ApiAnswer> {
  const { journal, clinic, now, newId } = ports;
  const looked = { person, from, rules: clinic.hash };
  const sight = sightOf(person);
  if (sight === 'nothing') {
    await journal.note(newId(), refusalRecord(looked, 'alert.list', 'the role includes no alerts'), now());
    return failed('role');
  }
  const { shown, unreadable } = await openAlerts(ports, (patient, alert) =>
    sight === 'states' ? true : mayKnowOf(person, alert, patient.state.therapist, clinic.escalation, now()),
  );
  const lines = shown.toSorted((a, b) => byUrgency(a.line, b.line));
  for (let start = 0; start === 0 || start < lines.length; start += alertsOfRecord) {
    const named = lines.slice(start, start + alertsOfRecord);
    const entry = listRecord(
      looked,
      named.map(({ line, patient }) => ({ alert: line.id, patient })),
      1 + start / alertsOfRecord,
    );
    await journal.note(newId(), entry, now());
  }
  const alerts = lines.map(({ line }) => (sight === 'states' ? withoutPatient(line) : line));
  return ok({ alerts, unreadable });
}

async function openAlerts(
  ports: AlertApiPorts,
  mayShow: (patient: Patient, alert: Alert) => boolean,
): Promise<{ shown: Shown[]; unreadable: number }> {
  const patients = [...new Set((await openPlaces(ports)).map(({ patient }) => patient))];
  const shown: Shown[] = [];
  let unreadable = 0;
  for (let start = 0; start < patients.length; start += atOnce) {
    const some = patients.slice(start, start + atOnce);
    for (const read of await Promise.allSettled(some.map((id) => ports.patients.load(id)))) {
      if (read.status === 'rejected') {
        // Erased since the index named them: there is nothing to show and nothing wrong.
        if (read.reason instanceof PatientErased) continue;
        unreadable += 1;
        ports.onFailure(read.reason);
        continue;
      }
      const patient = read.value;
      for (const alert of patient.alerts)
        if (mayShow(patient, alert)) shown.push({ patient: patient.id, line: alertLine(alert, patient.id) });
    }
  }
  return { shown, unreadable };
}

async function openPlaces({ alertIndex }: AlertApiPorts): Promise<AlertPlace[]> {
  const places: AlertPlace[] = [];
  for (const tier of tiers) {
    let cursor: string | null = null;
    do {
      const page = await alertIndex.due(tier, null, cursor);
      places.push(...page.places);
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return places;
}
