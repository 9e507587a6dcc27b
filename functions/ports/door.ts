import type { Instant } from '../domain/instant.ts';

/** Proof that the door is open: what the canary put on the bus has come through queue and function. */
export interface Canaries {
  /** Notes the arrival; the note goes by itself after a day. */
  arrived(id: string, at: Instant): Promise<void>;
  hasArrived(id: string): Promise<boolean>;
}

/** The `source` of a canary on the bus. */
export const canarySource = 'tandem.canary';

/** The door itself. Resolves once every entry is taken; entries that fail are sent again, with pauses, a limited number of times. */
export interface Bus {
  /** @throws DoorClosed naming how many entries were not taken, never what they held. */
  put(entries: readonly BusEntry[]): Promise<void>;
}

export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

export class DoorClosed extends Error {
  override readonly name = 'DoorClosed';
}
