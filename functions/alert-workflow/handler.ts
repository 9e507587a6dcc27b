import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { alertWorkflowPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import type { AlertName } from '../ports/alert-index.ts';
import type { AlertWaiting } from '../ports/alert-tokens.ts';
import { type Told, tellWhoIsNext } from './tell.ts';
import { waitForAnswer } from './wait.ts';

/** What the states of therapist-alert.asl.json ask of it. */
export type Step = ({ readonly step: 'tell' } & AlertName) | ({ readonly step: 'wait' } & AlertName & AlertWaiting);

const ports = alertWorkflowPorts(process.env);

/** One step of one alert's workflow. */
export const handler = middy<Step, Told | null>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async (step) => {
    const { patient, alert } = step;
    if (step.step === 'wait') {
      await waitForAnswer(ports, { patient, alert }, { token: step.token, dueAt: step.dueAt });
      return null;
    }
    const { told, dispatched } = await tellWhoIsNext(ports, { patient, alert });
    const { sent, undeliverable, urgentDelays, failures } = dispatched;
    for (const failure of failures) logger.error('message left for the next try', { alert, ...errorForLog(failure) });
    metrics.addMetric('AlertSent', MetricUnit.Count, sent);
    metrics.addMetric('AlertUndeliverable', MetricUnit.Count, undeliverable);
    for (const seconds of urgentDelays) metrics.addMetric('UrgentAlertDelay', MetricUnit.Seconds, seconds);
    metrics.addMetric('AlertDispatchFailed', MetricUnit.Count, failures.length);
    return told;
  });
