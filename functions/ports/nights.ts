import type { Instant } from '../domain/instant.ts';
import type { MorningList, Night, NightLine, NightResult, NightRun } from '../domain/night.ts';
import type { PatientId } from '../domain/patient.ts';

/** A patient in the index, and when a scan has to look at them; null: not before an event comes. */
export interface DuePatient {
  readonly id: PatientId;
  readonly reviewAt: Instant | null;
}

/** Everyone known, by when a scan has to look at them. */
export interface ReviewIndex {
  readonly shards: readonly number[];
  /**
   * One page of the patients of a shard who are due at `until` (null: everyone), the longest due first. May lag behind by
   * a moment and may name somebody who is no longer due: whoever is named is loaded and decided anew. A cursor of null is
   * the end; an empty page is not.
   */
  due(
    shard: number,
    until: Instant | null,
    cursor: string | null,
  ): Promise<{ due: DuePatient[]; cursor: string | null }>;
}

/** The accounts of the nights, to be read. */
export interface NightAccounts {
  /** undefined: that night has no account. */
  load(night: Night): Promise<NightRun | undefined>;
  /** One line for each patient looked at or set aside, in no order. */
  lines(night: Night): Promise<NightLine[]>;
}

/** The accounts of the nights. Each change has its audit record. */
export interface Nights extends NightAccounts {
  /** Begins the account, or answers with the one that was begun before. */
  open(run: NightRun): Promise<NightRun>;
  /** The newest night before this one that was finished. */
  lastFinishedBefore(night: Night): Promise<NightRun | undefined>;
  /** A patient whose record cannot be read or decided on: once a night, with an audit record. */
  setAside(line: NightLine, reason: string, at: Instant): Promise<void>;
  /** Ends the account and keeps its morning lists. */
  close(run: NightRun, result: NightResult, lists: readonly MorningList[]): Promise<void>;
  morningLists(night: Night): Promise<MorningList[]>;
}
