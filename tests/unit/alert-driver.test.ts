import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendTaskSuccessCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DynamoDBRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { dynamoAlertTokens } from '../../functions/adapters/dynamodb/alert-tokens.ts';
import { KeysErased } from '../../functions/adapters/kms/keyring.ts';
import { stepFunctionsAlertWorkflow } from '../../functions/adapters/stepfunctions/alert-workflow.ts';
import { changedAlert } from '../../functions/alert-driver/changed-alert.ts';
import type { DrivePorts } from '../../functions/alert-driver/drive.ts';

const ports = vi.hoisted(() => ({ current: {} as unknown as DrivePorts }));
vi.mock('../../functions/adapters/compose.ts', () => ({ alertDriverPorts: () => ports.current }));

const client = new SFNClient({ region: 'eu-north-1' });
const sfn = mockClient(client);
const machineArn = 'arn:aws:states:eu-north-1:000000000000:stateMachine:Tandem-local-therapist-alert';
const workflow = stepFunctionsAlertWorkflow({ client, machineArn });
const name = { patient: 'p-1', alert: 'a-1' };
const secret = 'token-Glubbdubdrib';
const refusal = (error: string) => Object.assign(new Error(`Invalid Token: '${secret}'`), { name: error });

const record = (sk: string, number = 1, pk = 'p-1'): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: String(number) },
});

beforeEach(() => {
  sfn.reset();
});

describe('the workflow in Step Functions', () => {
  it('is started under the id of its alert, with ids only, so that a second start is harmless', async () => {
    sfn.on(StartExecutionCommand).resolvesOnce({}).rejects(refusal('ExecutionAlreadyExists'));
    await workflow.start(name);
    await workflow.start(name);
    const [first] = sfn.commandCalls(StartExecutionCommand);
    expect(first?.args[0].input).toEqual({
      stateMachineArn: machineArn,
      name: 'a-1',
      input: '{"patient":"p-1","alert":"a-1","round":0}',
    });
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist'])(
    'P23: takes %s for what it is: nobody waits any more',
    async (error) => {
      sfn.on(SendTaskSuccessCommand).rejects(refusal(error));
      await workflow.wake(secret);
      expect(sfn.commandCalls(SendTaskSuccessCommand)[0]?.args[0].input).toEqual({
        taskToken: secret,
        output: '{"changed":true}',
      });
    },
  );

  it('never repeats the service’s words, which may quote a token', async () => {
    sfn.on(SendTaskSuccessCommand).rejects(refusal('InvalidToken'));
    sfn.on(StartExecutionCommand).rejects('no error at all');
    const failure = await workflow.wake(secret).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'WorkflowOutOfReach',
      message: 'a workflow could not be woken: InvalidToken',
    });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(secret);
    await expect(workflow.start(name)).rejects.toThrow('a workflow could not be started: Error');
  });
});

describe('a record of the care table’s stream', () => {
  it('names the alert that has changed, and nothing else where it is about something else', () => {
    expect(changedAlert(record('alert#a-1'))).toEqual(name);
    for (const other of ['head', 'wait#a-1', 'owner', 'claim']) expect(changedAlert(record(other))).toBeNull();
  });

  it('without keys is of no table that this follows', () => {
    expect(() => changedAlert({})).toThrow('is it the stream of the care table?');
    expect(() => changedAlert({ dynamodb: { Keys: { pk: { S: 'p-1' } } } })).toThrow('has no keys');
  });
});

describe('the token of a patient who was erased', () => {
  const item = { content: { S: '{}' } };
  const tokensWith = (failure: Error) =>
    dynamoAlertTokens(new DynamoDBClient({ region: 'eu-north-1' }), 'care', {
      item: async () => item,
      keysOf: () => Promise.reject(failure),
    });

  it('is neither found nor kept, and any other failure is one', async () => {
    const erased = tokensWith(new KeysErased('gone'));
    expect(await erased.newest(name)).toBeNull();
    const dueAt = '2026-03-02T10:00:00.000Z';
    await erased.keep(name, { token: secret, dueAt }, dueAt);
    await expect(tokensWith(new Error('away')).newest(name)).rejects.toThrow('away');
  });
});

describe('a batch of the stream', () => {
  const context = { functionName: 'alert-driver', awsRequestId: '1', memoryLimitInMB: '1' };

  it('P10, P23: is taken as far as it can be: what failed is named by its number, the others are started', async () => {
    const started: string[] = [];
    const standing = vi.fn<DrivePorts['alertIndex']['standing']>(async ({ alert }) => {
      if (alert === 'a-2') throw new Error('away');
      return { tier: 'urgent' as const, dueAt: '2026-03-02T10:00:00.000Z' };
    });
    Object.assign(ports.current, {
      alertIndex: { standing },
      alertTokens: { newest: async () => null },
      alertWorkflow: {
        start: async ({ alert }: { alert: string }) => {
          started.push(alert);
        },
      },
    });
    const { handler } = await import('../../functions/alert-driver/handler.ts');
    const Records = [record('alert#a-1', 1), record('alert#a-2', 2), record('head', 3), record('alert#a-3', 4)];
    const answer = await handler({ Records }, context as never, {} as never);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(started.toSorted()).toEqual(['a-1', 'a-3']);
    expect(standing).toHaveBeenCalledTimes(3);
  });
});
