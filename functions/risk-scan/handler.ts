import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { scanPorts } from '../adapters/compose.ts';
import { logger, metrics } from '../adapters/telemetry.ts';
import { endedLate, type NightResult } from '../domain/night.ts';
import { closeOpenNight, type OpenedNight, openNight, type Page, scanShard } from './scan.ts';

/** One step of nightly-risk-scan.asl.json. */
export type Step =
  | { readonly step: 'open' }
  | ({ readonly step: 'shard' } & Page)
  | { readonly step: 'close'; readonly night: string };

const ports = scanPorts(process.env);
/** Time kept to end a page in order before the function is stopped. */
const reserveMilliseconds = 30_000;

export const handler = middy<Step, OpenedNight | Page | NightResult>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async (input, context) => {
    if (input.step === 'open') return openNight(ports);
    if (input.step === 'shard') {
      const { step: _step, ...page } = input;
      return scanShard(ports, page, () => context.getRemainingTimeInMillis() > reserveMilliseconds);
    }
    const result = await closeOpenNight(ports, input.night);
    logger.info('night closed', { night: input.night, ...result });
    metrics.addMetric('PatientAssessed', MetricUnit.Count, result.assessed);
    metrics.addMetric('PatientSetAside', MetricUnit.Count, result.setAside);
    metrics.addMetric('PatientMissed', MetricUnit.Count, result.missed);
    metrics.addMetric('NightSeconds', MetricUnit.Seconds, result.seconds);
    metrics.addMetric('NightLate', MetricUnit.Count, endedLate(result, ports.clinic.settings.timeZone) ? 1 : 0);
    return result;
  });
