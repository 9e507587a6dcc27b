import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { vendorDoorPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import { answerVendor } from './door.ts';

const ports = vendorDoorPorts(process.env);

/** Answers the vendor's POST /events. Who may call was decided before. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async ({ headers, body = '', isBase64Encoded }) => {
    const request = { headers, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') };
    const answer = await answerVendor(ports, request, new Date().toISOString());
    const { status, accepted, setAside, turnedAway, closed } = answer;
    if (closed !== undefined) logger.error('the bus is closed', errorForLog(closed));
    logger.info('answered', { status, accepted, setAside, turnedAway });
    metrics.addMetric('VendorEventAccepted', MetricUnit.Count, accepted);
    // What is set aside is counted where that happens, by the intake.
    metrics.addMetric('VendorEventTurnedAway', MetricUnit.Count, turnedAway);
    metrics.addMetric('VendorDoorClosed', MetricUnit.Count, status === 503 ? 1 : 0);
    return {
      statusCode: status,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...answer.headers },
      body: JSON.stringify(answer.body),
    };
  });
