import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import { authorizerPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import { authorize } from './authorize.ts';

const ports = authorizerPorts(process.env);

/** What the routes behind it, and the access log, are told of who is asking. */
export interface WhoAsks {
  readonly staff: string;
  /** With a blank between two. */
  readonly roles: string;
}

/** Who is asking? API Gateway answers 403 where nobody is, and 500 where this throws. */
export const handler = middy<
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult<Partial<WhoAsks>>
>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async ({ headers, routeKey, requestContext }) => {
    const asked = { headers: headers ?? {}, route: routeKey, from: requestContext.http.sourceIp };
    let authorized: Awaited<ReturnType<typeof authorize>>;
    try {
      authorized = await authorize(ports, asked);
    } catch (error) {
      logger.error('nobody can tell who is asking', errorForLog(error));
      throw error;
    }
    metrics.addMetric('SignInRefused', MetricUnit.Count, authorized.fault === null ? 0 : 1);
    if (authorized.fault === null)
      return { isAuthorized: true, context: { staff: authorized.staff, roles: authorized.roles.join(' ') } };
    logger.warn('refused', { fault: authorized.fault, route: routeKey });
    return { isAuthorized: false, context: {} };
  });
