import { SendTaskSuccessCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { AlertWorkflow } from '../../ports/alert-workflow.ts';

export interface StepFunctionsAlertWorkflowSettings {
  readonly client: SFNClient;
  readonly machineArn: string;
}

/** The token's wait is over: it was answered, timed out, or its execution was stopped. */
const waitsNoLonger: ReadonlySet<string> = new Set(['TaskDoesNotExist', 'TaskTimedOut']);

/** Not done, with the name of the service's error only: its message may quote a token. */
export class WorkflowOutOfReach extends Error {
  override readonly name = 'WorkflowOutOfReach';
}

/** Alerts' workflows as executions of Step Functions. */
export function stepFunctionsAlertWorkflow({ client, machineArn }: StepFunctionsAlertWorkflowSettings): AlertWorkflow {
  return {
    async start({ patient, alert }) {
      await unless(
        new Set(['ExecutionAlreadyExists']),
        'a workflow could not be started',
        client.send(
          new StartExecutionCommand({
            stateMachineArn: machineArn,
            // Step Functions gives a name once: a second start, even of one that has ended, is refused.
            name: alert,
            input: JSON.stringify({ patient, alert, round: 0 }),
          }),
        ),
      );
    },
    async wake(token) {
      await unless(
        waitsNoLonger,
        'a workflow could not be woken',
        client.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"changed":true}' })),
      );
    },
  };
}

async function unless(harmless: ReadonlySet<string>, what: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    if (!harmless.has(name)) throw new WorkflowOutOfReach(`${what}: ${name}`);
  }
}
