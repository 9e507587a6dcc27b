import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** The one logger and the one set of metrics. What they are given is ids, names of outcomes and counts: never content. */
export const logger = new Logger();
export const metrics = new Metrics({ namespace: 'Tandem' });

/**
 * What a log may say of an error: its name and where it was thrown. Its message may quote what somebody wrote, and its
 * fields a whole request.
 */
export function errorForLog(error: unknown): { error: string; at: string } {
  if (!(error instanceof Error)) return { error: typeof error, at: '' };
  const frame = error.stack?.split('\n').find((line) => line.startsWith('    at '));
  return { error: error.name, at: frame?.trim() ?? '' };
}
