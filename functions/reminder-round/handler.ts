import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { reminderPorts } from '../adapters/compose.ts';
import { errorForLog, logger, metrics } from '../adapters/telemetry.ts';
import { readCanaries, zoneCanaries, zoneDataFaults } from '../domain/zone-data.ts';
import { type RoundCounts, type RoundPage, remindShard } from './round.ts';
import { clinicInForce, isTimeToWeigh, type Weighing, weighTrial } from './trial.ts';

/** One step of reminder-round.asl.json: which shards there are, or one shard, from its start or from where it stopped. */
export type Step =
  | { readonly step: 'shards' }
  | ({ readonly step: 'shard'; readonly shard: number } & Partial<Pick<RoundPage, 'until' | 'cursor'>>);

/** The shards of one round, all of them up to the same moment. */
export interface RoundShards {
  readonly until: string;
  readonly shards: readonly number[];
}

/** Counts, and where to go on where `done` is false: the same step again with this shard, until and cursor. */
export type RoundStep = RoundPage & RoundCounts & { readonly done: boolean; readonly leftDue: number };

const ports = reminderPorts(process.env);
/** Local hours are as right as the run time's zone data. */
const zoneFaults = zoneDataFaults(process.versions['tz'], readCanaries(zoneCanaries));
/** Time kept to end with one patient in order before the function is stopped. */
const reserveMilliseconds = 30_000;

export const handler = middy<Step, RoundShards | RoundStep>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async (input, context) => {
    if (input.step === 'shards') {
      for (const fault of zoneFaults) logger.error('zone data', { fault });
      metrics.addMetric('ZoneDataFault', MetricUnit.Count, zoneFaults.length);
      if (isTimeToWeigh(ports.now())) await weigh(context);
      return { until: ports.now(), shards: ports.reminderIndex.shards };
    }
    const { shard, until = ports.now(), cursor = null } = input;
    const { page, done, counts, failures } = await remindShard(
      { ...ports, clinic: await clinicInForce(ports) },
      { shard, until, cursor },
      hasTime(context),
    );
    for (const { patient, error } of failures)
      logger.error('patient left for the next round', { patient, ...errorForLog(error) });
    metrics.addMetric('ReminderSent', MetricUnit.Count, counts.sent);
    metrics.addMetric('ReminderFailed', MetricUnit.Count, counts.failed);
    metrics.addMetric('ReminderDropped', MetricUnit.Count, counts.dropped + counts.cancelled);
    metrics.addMetric('ReminderBusy', MetricUnit.Count, counts.busy);
    metrics.addMetric('ReminderUnknown', MetricUnit.Count, counts.unknown);
    metrics.addMetric('ReminderPatientFailed', MetricUnit.Count, failures.length);
    return { ...page, ...counts, done, leftDue: failures.length };
  });

type TimeLeft = Pick<Context, 'getRemainingTimeInMillis'>;

function hasTime(context: TimeLeft): () => boolean {
  return () => context.getRemainingTimeInMillis() > reserveMilliseconds;
}

/** A trial that cannot be weighed does not keep patients from being reminded. */
async function weigh(context: TimeLeft): Promise<void> {
  let weighing: Weighing | 'failed';
  try {
    weighing = await weighTrial(ports, hasTime(context));
  } catch (error) {
    logger.error('trial not weighed', errorForLog(error));
    weighing = 'failed';
  }
  const isWeighed = weighing !== 'failed' && weighing !== 'unfinished';
  metrics.addMetric('ReminderTrialStopped', MetricUnit.Count, weighing === 'stopped' ? 1 : 0);
  metrics.addMetric('ReminderTrialUnweighed', MetricUnit.Count, isWeighed ? 0 : 1);
}
