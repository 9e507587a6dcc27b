import type { Clinic } from '../domain/clinic.ts';
import type { Instant } from '../domain/instant.ts';
import type { Pause } from '../load-decide-commit.ts';
import type { AlertIndex } from '../ports/alert-index.ts';
import type { AuditJournal } from '../ports/audit-journal.ts';
import type { Patients } from '../ports/patients.ts';

export interface AlertApiPorts {
  readonly patients: Patients;
  readonly alertIndex: AlertIndex;
  readonly journal: AuditJournal;
  readonly clinic: Clinic;
  /** Where the page signs people in: no secret. */
  readonly signIn: { readonly issuer: string; readonly clientId: string; readonly scope: string };
  readonly pause: Pause;
  readonly now: () => Instant;
  /** Never used before. */
  readonly newId: () => string;
  /** Told of what failed where the rest goes on. */
  readonly onFailure: (error: unknown) => void;
}
