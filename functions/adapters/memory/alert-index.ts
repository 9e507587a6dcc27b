import { alertDueAt } from '../../domain/alert-due.ts';
import type { AlertIndex, AlertPlace } from '../../ports/alert-index.ts';
import { type Faults, withFaults } from './faults.ts';
import type { MemoryPatients } from './patients.ts';

export function memoryAlertIndex(patients: MemoryPatients, faults: Faults = {}): AlertIndex {
  return {
    due: (tier, until) =>
      withFaults(faults, 'alertIndex.due', () => {
        const open = patients.patients().flatMap((patient) =>
          patient.alerts.flatMap((alert): AlertPlace[] => {
            const dueAt = alertDueAt(alert);
            return alert.tier !== tier || dueAt === null ? [] : [{ patient: patient.id, alert: alert.id, dueAt }];
          }),
        );
        const due = open.filter(({ dueAt }) => until === null || dueAt <= until);
        return { places: due.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1)), cursor: null };
      }),
    standing: ({ patient, alert }) =>
      withFaults(faults, 'alertIndex.standing', () => {
        const { alerts = [] } = patients.patients().find(({ id }) => id === patient) ?? {};
        const found = alerts.find(({ id }) => id === alert);
        const dueAt = found === undefined ? null : alertDueAt(found);
        return found === undefined || dueAt === null ? null : { tier: found.tier, dueAt };
      }),
    patientOf: (alertId) => withFaults(faults, 'alertIndex.patientOf', () => patients.ownerOfAlert(alertId)),
  };
}
