import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { alertPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import { sendMorningLists } from './morning-list.ts';
import { staffWithoutMail } from './staff-mail.ts';
import { sweepAlerts } from './sweep.ts';

/** What the function's schedules ask of it. */
export interface Step {
  readonly step: 'sweep' | 'compare' | 'morning-list';
}

const ports = alertPorts(process.env);
/** Time kept to end with one alert in order before the function is stopped. */
const reserveMilliseconds = 15_000;

/** Every five minutes the alerts that are due; every hour who of the staff can be reached; every morning the lists. */
export const handler = middy<Step, Record<string, number>>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async ({ step }, context) => {
    if (step === 'compare') {
      const missing = await staffWithoutMail(ports.alertMail, ports.clinic.escalation);
      if (missing.length > 0) logger.warn('staff without mail', { staff: missing });
      metrics.addMetric('StaffWithoutMail', MetricUnit.Count, missing.length);
      return { missing: missing.length };
    }
    if (step === 'morning-list') {
      const { failures, ...lists } = await sendMorningLists(ports);
      for (const failure of failures) logger.error('list left for the next run', errorForLog(failure));
      metrics.addMetric('MorningListSent', MetricUnit.Count, lists.sent);
      metrics.addMetric('AlertUndeliverable', MetricUnit.Count, lists.undeliverable);
      metrics.addMetric('MorningListFailed', MetricUnit.Count, failures.length);
      return { ...lists, failed: failures.length };
    }
    const { failures, urgentDelays, ...swept } = await sweepAlerts(
      ports,
      () => context.getRemainingTimeInMillis() > reserveMilliseconds,
    );
    for (const failure of failures) logger.error('alert left for the next sweep', errorForLog(failure));
    metrics.addMetric('AlertSent', MetricUnit.Count, swept.sent);
    metrics.addMetric('AlertUndeliverable', MetricUnit.Count, swept.undeliverable);
    for (const seconds of urgentDelays) metrics.addMetric('UrgentAlertDelay', MetricUnit.Seconds, seconds);
    metrics.addMetric('AlertDispatchFailed', MetricUnit.Count, failures.length);
    return { ...swept, failed: failures.length };
  });
