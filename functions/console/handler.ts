import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { consolePorts } from '../adapters/compose.ts';
import { logger } from '../adapters/telemetry.ts';
import { answerPage } from './page.ts';

const { page, connectTo } = consolePorts(process.env);

/** Serves the care team's page. A path or a query is never logged. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .handler(async ({ rawPath, requestContext }) => {
    const answer = answerPage(page, connectTo, { method: requestContext.http.method, path: rawPath });
    logger.info('page', { status: answer.statusCode });
    return { ...answer, headers: { ...answer.headers } };
  });
