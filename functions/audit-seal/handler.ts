import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { sealPorts } from '../adapters/compose.ts';
import { logger, metrics } from '../adapters/telemetry.ts';
import { ageOfOneBefore } from '../domain/seal.ts';
import { sealPeriod } from '../seal-period.ts';

const ports = sealPorts(process.env);

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
    const age = checkpoint === null ? null : ageOfOneBefore(checkpoint);
    if (age !== null) metrics.addMetric('SealAge', MetricUnit.Seconds, age);
    return made;
  });
