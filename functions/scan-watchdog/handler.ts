import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { watchdogPorts } from '../adapters/compose.ts';
import { logger, metrics } from '../adapters/telemetry.ts';
import { checkLastNight } from './watchdog.ts';

const ports = watchdogPorts(process.env);

/** Runs on a schedule of its own, hours after the scan. */
export const handler = middy<unknown, { night: string; shortfall: string | null }>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async () => {
    const found = await checkLastNight(ports, new Date().toISOString());
    logger.info('night checked', found);
    metrics.addMetric('NightUnaccounted', MetricUnit.Count, found.shortfall === null ? 0 : 1);
    return found;
  });
