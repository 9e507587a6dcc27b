import type { Alert } from '../domain/alert.ts';
import type { Instant } from '../domain/instant.ts';
import type { PatientId } from '../domain/patient.ts';

/** Which alert: ids only. */
export interface AlertName {
  readonly patient: PatientId;
  /** The alert's id. */
  readonly alert: string;
}

/** How soon an alert has to be answered, and when somebody has to look at it. */
export interface AlertStanding {
  readonly tier: Alert['tier'];
  /** `alertDueAt` of it. */
  readonly dueAt: Instant;
}

/** Where an open alert stands: ids and a time. */
export interface AlertPlace extends AlertName {
  /** `alertDueAt` of it. */
  readonly dueAt: Instant;
}

/** Every open alert, by when somebody has to look at it. */
export interface AlertIndex {
  /**
   * One page of the open alerts of a tier that are due at `until` (null: all of them), the longest due first. May lag behind
   * by a moment and may name one that is no longer due: whatever is named is loaded and decided anew. A cursor of null is the
   * end; an empty page is not.
   */
  due(
    tier: Alert['tier'],
    until: Instant | null,
    cursor: string | null,
  ): Promise<{ places: AlertPlace[]; cursor: string | null }>;
  /** How one alert stands; null: it has ended, or there never was one of this id. Strongly consistent. */
  standing(name: AlertName): Promise<AlertStanding | null>;
  /** Whose alert it is or was, ended ones too; null: there never was one of this id. Strongly consistent. */
  patientOf(alertId: string): Promise<PatientId | null>;
}
