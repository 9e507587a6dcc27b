import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { v7 as uuid } from 'uuid';
import { canaryPorts } from '../adapters/compose.ts';
import { logger } from '../adapters/telemetry.ts';
import { proveDoorOpen } from './canary.ts';

const ports = canaryPorts(process.env);
const secondsBetweenLooks = 2;

/** Runs after every deployment and every hour. */
export const handler = middy<unknown, void>()
  .use(injectLambdaContext(logger))
  .handler(async () => {
    await proveDoorOpen(ports, uuid(), () => sleep(secondsBetweenLooks * 1000));
    logger.info('the door is open');
  });
