import type { Instant } from '../domain/instant.ts';
import type { PatientId } from '../domain/patient.ts';

/** A patient whom a round of reminders has to look at, and since when. */
export interface RemindedPatient {
  readonly id: PatientId;
  readonly reminderAt: Instant;
}

/** Whoever has a reminder ahead, by when a round has to look at them; nobody else. */
export interface ReminderIndex {
  readonly shards: readonly number[];
  /**
   * One page of the patients of a shard who are due at `until`, the longest due first. May lag behind by a moment and may name
   * somebody who is no longer due: whoever is named is loaded and decided anew. A cursor of null is the end; an empty page is
   * not.
   */
  due(shard: number, until: Instant, cursor: string | null): Promise<{ due: RemindedPatient[]; cursor: string | null }>;
}
