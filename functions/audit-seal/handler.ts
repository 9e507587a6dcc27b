import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { sealPorts } from '../adapters/compose.ts';
import { logger, metrics } from '../adapters/telemetry.ts';
import type { Checkpoint } from '../domain/checkpoint.ts';
import { epochMilliseconds } from '../domain/instant.ts';
import { sealPeriod } from '../seal-period.ts';

const ports = sealPorts(process.env);

/** How old the newest seal was when this one took its place. */
function secondsOf({ start, end }: Checkpoint['period']): number {
  return (epochMilliseconds(end) - epochMilliseconds(start)) / 1000;
}

/** Every five minutes: what has grown since the last seal enters the log. */
export const handler = middy<unknown, { seal: number | null; chains: number; records: number }>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async () => {
    const { terms, ...sealing } = await ports;
    const checkpoint = await sealPeriod(sealing, terms, new Date().toISOString());
    const made = { seal: checkpoint?.seal ?? null, chains: checkpoint?.chains ?? 0, records: checkpoint?.records ?? 0 };
    logger.info('sealed', made);
    metrics.addMetric('SealMade', MetricUnit.Count, 1);
    if (checkpoint !== null) metrics.addMetric('SealAge', MetricUnit.Seconds, secondsOf(checkpoint.period));
    return made;
  });
