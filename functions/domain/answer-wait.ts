import { type Instant, secondsBetween } from './instant.ts';

/**
 * How long the workflow of an alert waits for an answer before it looks again, in seconds. They are the time-outs of the
 * states that wait in state-machines/therapist-alert.asl.json, where a time-out is a number and cannot follow an alert's deadline.
 */
export const answerWaits = { fourHours: 14_400, quarter: 900, minute: 60 } as const;

export type AnswerWait = keyof typeof answerWaits;

/** How much later than its deadline an alert may be looked at, so that a wait that began a moment late need not be cut into small ones. */
export const latestSeconds = 60;

/**
 * The longest wait that ends at most a minute after the alert has to be looked at; a minute where that is sooner, or has
 * passed: something could not be sent and is tried again then.
 */
export function answerWait(dueAt: Instant, now: Instant): AnswerWait {
  const seconds = secondsBetween(now, dueAt) + latestSeconds;
  if (answerWaits.fourHours <= seconds) return 'fourHours';
  return answerWaits.quarter <= seconds ? 'quarter' : 'minute';
}
