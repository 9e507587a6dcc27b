/** The deployed functions with their calls to AWS through the fault proxy; the test's own calls do not go through it. */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { faultsAt } from '../emulator/fault-proxy.ts';
import type { Deployed } from '../end-to-end/deployed.ts';

/** The functions' calls go through the proxy from here on, and what fails comes again at once. */
export async function throughProxy(stack: Deployed, proxy: string, functions: readonly string[]): Promise<void> {
  const lambda = new LambdaClient({});
  for (const name of functions) {
    const FunctionName = stack.output(`${name}Function`);
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: proxy };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  }
  await comeAgainAfter(stack, 2);
  // The first error of a service loads its model, which takes seconds: longer than a call waits.
  for (const [service, operation, code] of warming) {
    const rule = { service, operation, times: 1, error: { code } };
    await faultsAt(proxy).during([rule], () => fetch(`${proxy}/`, { method: 'POST', ...asked(service, operation) }));
  }
}

/** How long an event that was not taken stays out of sight. */
export async function comeAgainAfter(stack: Deployed, seconds: number): Promise<void> {
  await new SQSClient({}).send(
    new SetQueueAttributesCommand({
      QueueUrl: stack.output('EventsQueueUrl'),
      Attributes: { VisibilityTimeout: String(seconds) },
    }),
  );
}

const warming = [
  ['dynamodb', 'TransactWriteItems', 'InternalServerError'],
  ['kms', 'Decrypt', 'AccessDeniedException'],
  ['sns', 'Publish', 'InternalError'],
] as const;

/** A request that the proxy knows as this one. */
function asked(service: string, operation: string): { headers: Record<string, string>; body: string } {
  const target = service === 'dynamodb' ? 'DynamoDB_20120810' : 'TrentService';
  if (service === 'sns')
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...signedFor(service) },
      body: `Action=${operation}&Version=2010-03-31`,
    };
  return {
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${target}.${operation}`,
      ...signedFor(service),
    },
    body: '{}',
  };
}

function signedFor(service: string): Record<string, string> {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=test/20260302/eu-north-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
  };
}

/** Another writer was faster, as DynamoDB says it. */
export const conflict = {
  code: 'TransactionCanceledException',
  fields: { CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }] },
};
