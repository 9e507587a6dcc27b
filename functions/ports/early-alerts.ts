import type { EarlyAlert } from '../domain/early-alert.ts';
import type { Instant } from '../domain/instant.ts';

/** What went out before it could be recorded, so that nobody gets it at every delivery, and its gap record is written. */
export interface EarlyAlerts {
  /** null: nothing went out about this message, as far as could be noted. Strongly consistent. */
  find(reference: string): Promise<EarlyAlert | null>;
  /** Keeps it in the place of what was kept for the same message. Without an audit record: that one cannot be written. */
  keep(early: EarlyAlert, now: Instant): Promise<void>;
}
