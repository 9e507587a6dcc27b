import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { alertApiPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import type { WhoAsks } from '../api-authorizer/handler.ts';
import { failed, headers } from './answer.ts';
import type { ApiRequest } from './request.ts';
import { respond } from './respond.ts';

/** On a route for anybody there is no authorizer. */
type Event = APIGatewayProxyEventV2WithLambdaAuthorizer<WhoAsks | undefined | null>;

const ports = {
  ...alertApiPorts(process.env),
  onFailure: (error: unknown) => logger.error('a patient could not be read', errorForLog(error)),
};

/** One request of the care team's page. */
export const handler = middy<Event, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async (event) => {
    const { status, body } = await respond(ports, requestOf(event)).catch((error: unknown) => {
      logger.error('a request failed', { route: event.routeKey, ...errorForLog(error) });
      return failed('failed');
    });
    metrics.addMetric('ApiAnswered', MetricUnit.Count, 1);
    metrics.addMetric('ApiAccessRefused', MetricUnit.Count, status === 403 || status === 404 ? 1 : 0);
    return { statusCode: status, headers, body: JSON.stringify(body) };
  });

function requestOf(event: Event): ApiRequest {
  const { lambda } = event.requestContext.authorizer ?? {};
  return {
    route: event.routeKey,
    alertId: event.pathParameters?.['id'],
    contentType: event.headers['content-type'],
    body: event.body,
    isBase64Encoded: event.isBase64Encoded,
    from: event.requestContext.http.sourceIp,
    signedIn: lambda?.staff === undefined ? undefined : { staff: lambda.staff, roles: lambda.roles.split(' ') },
  };
}
