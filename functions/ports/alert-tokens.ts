import type { Instant } from '../domain/instant.ts';
import type { AlertName } from './alert-index.ts';

/** What the workflow of an alert waits for. */
export interface AlertWaiting {
  /** Ends the wait. A secret: it is kept encrypted, and no log or message has it. */
  readonly token: string;
  /** When the alert had to be looked at as the workflow last saw it. While it still says so, nothing has happened. */
  readonly dueAt: Instant;
}

/** Where the workflows of alerts leave how they can be woken. Of an erased patient none is kept, and none is found. */
export interface AlertTokens {
  /** The newest takes the place of the one before. */
  keep(name: AlertName, waiting: AlertWaiting, now: Instant): Promise<void>;
  /** The newest, whether or not anything waits for it still; null: none, or it has run out. Strongly consistent. */
  newest(name: AlertName): Promise<AlertWaiting | null>;
}
