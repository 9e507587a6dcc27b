import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { intakePorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import { within } from '../adapters/time-limit.ts';
import { alertEarly } from './early-alert.ts';
import { intake } from './intake.ts';

const ports = intakePorts(process.env);
const processor = new BatchProcessor(EventType.SQS);

/** Half of what the function may take: the other half is for people to be told where it was not enough. */
const inTime = within(15_000);

async function take(record: SQSRecord): Promise<void> {
  try {
    const { outcome, ...details } = await inTime(intake(ports, record.body, new Date().toISOString()));
    logger.info(outcome, { queueMessage: record.messageId, ...details });
    metrics.addMetric(metricOf[outcome], MetricUnit.Count, 1);
    metrics.addMetric('EventDelay', MetricUnit.Seconds, secondsInQueue(record));
    if ('unreadable' in details && details.unreadable)
      metrics.addMetric('QuestionnaireUnreadable', MetricUnit.Count, 1);
    if ('alerts' in details && details.alerts > 0) metrics.addMetric('AlertChanged', MetricUnit.Count, details.alerts);
  } catch (error) {
    logger.error('left in the queue', { queueMessage: record.messageId, ...errorForLog(error) });
    await tellEarly(record);
    throw error;
  }
}

async function tellEarly({ messageId, body }: SQSRecord): Promise<void> {
  try {
    const sent = await alertEarly(ports, body, new Date().toISOString());
    if (sent === null) return;
    logger.warn('an alert went out before its record', { queueMessage: messageId, ...sent });
    metrics.addMetric('AlertBeforeRecord', MetricUnit.Count, 1);
  } catch (error) {
    logger.error('no alert could go out before its record', { queueMessage: messageId, ...errorForLog(error) });
    metrics.addMetric('AlertBeforeRecordFailed', MetricUnit.Count, 1);
  }
}

/** From the queue, where the bus puts an event within a moment, to its effect. */
function secondsInQueue({ attributes }: SQSRecord): number {
  return (Date.now() - Number(attributes.SentTimestamp)) / 1000;
}

const metricOf = {
  recorded: 'EventRecorded',
  duplicate: 'EventDuplicate',
  canary: 'CanaryArrived',
  'set-aside': 'EventSetAside',
} as const;

/** Takes a batch of the bus's messages from the queue; those that could not be taken go back to it, the others do not. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event, context) =>
    // A batch that failed whole is answered like any other: its messages are named one by one, and no error quotes them.
    processPartialResponse(event, take, processor, { context, throwOnFullBatchFailure: false }),
  );
