import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { alertDriverPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import { changedAlert } from './changed-alert.ts';
import { driveAlert } from './drive.ts';

const ports = alertDriverPorts(process.env);
const processor = new BatchProcessor(EventType.DynamoDBStreams);

async function take(record: DynamoDBRecord): Promise<void> {
  try {
    const name = changedAlert(record);
    if (name === null) return;
    const outcome = await driveAlert(ports, name);
    logger.info(outcome, { alert: name.alert });
    metrics.addMetric('AlertWorkflowStarted', MetricUnit.Count, outcome === 'started' ? 1 : 0);
  } catch (error) {
    logger.error('left in the stream', errorForLog(error));
    throw error;
  }
}

/** Takes the changes of alerts out of the care table's stream; from the first that could not be taken on they come again. */
export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event, context) =>
    processPartialResponse(event, take, processor, { context, throwOnFullBatchFailure: false }),
  );
