import type { Alert } from './alert.ts';
import type { Instant } from './instant.ts';

/**
 * When an alert has to be looked at: at once while an e-mail waits to be sent, else when its next action is due; null once it
 * has ended. A message is therefore found again however the run that wrote it ended.
 */
export function alertDueAt({ raisedAt, nextActionAt, outbox }: Alert): Instant | null {
  return outbox.some(({ by }) => by === 'email') ? raisedAt : nextActionAt;
}
