/** Starts workflows on the emulator and reads what became of them. */
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { until } from './poll.ts';

/** Make it once the credentials of the emulator are set. */
export function executionsOf(stateMachineArn: string) {
  const sfn = new SFNClient({});

  async function start(): Promise<string> {
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    if (executionArn === undefined) throw new Error('the execution did not start');
    return executionArn;
  }

  async function history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await sfn.send(new GetExecutionHistoryCommand({ executionArn, nextToken, maxResults: 500 }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }

  async function ended(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return until(
      'the execution to end',
      async () => {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        return execution.status !== 'RUNNING' && execution;
      },
      { limitSeconds: 180 },
    );
  }

  return {
    start,
    ended,
    history,
    run: async () => ended(await start()),
    stop: (executionArn: string) => sfn.send(new StopExecutionCommand({ executionArn })),
    /** The names of the states, each as often as it was entered, in that order. */
    states: async (executionArn: string) =>
      (await history(executionArn)).flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
  };
}

export type Executions = ReturnType<typeof executionsOf>;
