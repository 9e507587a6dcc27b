import type { ChangedChain, LogHead, SealObject } from '../domain/seal.ts';

/** What a seal is about to publish, kept until it is: enough to finish the work of a run that died. */
export interface StagedSeal {
  readonly objects: readonly SealObject[];
  readonly changed: readonly ChangedChain[];
}

/** Another sealer was faster: its seal stands, this one was never made. */
export class SealConflict extends Error {
  override readonly name = 'SealConflict';
}

/**
 * Where the log lives. `head` and `swap` are strongly consistent and decide what is true; published objects can never be
 * changed or deleted; staging is scratch space that may be written again and may lose what is a day old and not of the head.
 */
export interface SealStore {
  /** The newest seal; null before the first. */
  head(): Promise<LogHead | null>;
  /** Keeps what `id` will publish. The same id again replaces it. */
  stage(id: string, staged: StagedSeal): Promise<void>;
  /** What was staged under this id, or null. Sees every `stage` that has returned. */
  staged(id: string): Promise<StagedSeal | null>;
  /**
   * Makes `next` the newest seal if `expected` still is.
   * @throws SealConflict where it is not.
   */
  swap(expected: LogHead | null, next: LogHead): Promise<void>;
  /**
   * Writes each object once and for all; an object that stands already with the same bytes is left as it is.
   * @throws where an object stands with other bytes.
   */
  publish(objects: readonly SealObject[]): Promise<void>;
  /** A published object, or null. Sees every `publish` that has returned. */
  read(path: string): Promise<Uint8Array | null>;
  /** Forgets what was staged under this id. */
  discard(id: string): Promise<void>;
}

/** Which chains have grown. */
export interface ChangedChains {
  /**
   * Each chain with records that no seal covers: from the first of them to the newest. May leave out what was written in the last
   * seconds; the next seal has it.
   */
  changed(): Promise<ChangedChain[]>;
  /** Notes that a seal covers these. The same again does no harm. */
  sealed(chains: readonly ChangedChain[]): Promise<void>;
}
