import type { Instant } from '../domain/instant.ts';

/** Who is sending the messages of an alert: one at a time. A claim runs out by itself, so that a crash only delays. */
export interface AlertClaims {
  /**
   * @param holder a name of this one run; it gets its own claim again.
   * @param until when the claim runs out unless it is released before.
   * @returns false where somebody else holds the claim.
   */
  take(alertId: string, holder: string, now: Instant, until: Instant): Promise<boolean>;
  /** Gives the claim back. Of no effect where it has run out and somebody else has it. */
  release(alertId: string, holder: string): Promise<void>;
}
