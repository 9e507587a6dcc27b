import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { reconcilePorts } from '../adapters/compose.ts';
import { logger, metrics } from '../adapters/telemetry.ts';
import { hours, later } from '../domain/instant.ts';
import { reconcileAll, reportDiscrepancies } from './reconcile.ts';

const ports = reconcilePorts(process.env);

/** Longer than from one run to the next, on the night on which the clocks go back too. */
const back = 49 * hours;

/** Every morning: has each change its record, and each record its change? */
export const handler = middy<unknown, { chains: number; discrepancies: number }>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async () => {
    const reconciled = await reconcileAll(ports, later(ports.now(), -back));
    for (const discrepancy of reconciled.discrepancies) logger.error('state and audit disagree', { ...discrepancy });
    metrics.addMetric('RecordsUnreconciled', MetricUnit.Count, reconciled.discrepancies.length);
    await reportDiscrepancies(ports.operators, reconciled, ports.stage);
    return { chains: reconciled.chains, discrepancies: reconciled.discrepancies.length };
  });
