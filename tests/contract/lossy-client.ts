import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { emulatedDynamoDB } from './emulated-tables.ts';

/**
 * A client that loses the answer to its first transaction, after the tables have taken it. Below the SDK's own retry, as a
 * broken connection is.
 * @param meanwhile happens between the lost answer and the retry.
 */
export function clientThatLosesAnAnswer(meanwhile: (request: LostRequest) => Promise<void>): DynamoDBClient {
  const client = emulatedDynamoDB();
  let lost = false;
  let forgotten = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== 'TransactWriteItemsCommand') return next(args);
      const request = args.request as { body: Uint8Array };
      if (lost) {
        if (forgotten) request.body = withOtherToken(request.body);
        return next(args);
      }
      lost = true;
      await next(args);
      await meanwhile({
        forgetToken() {
          forgotten = true;
        },
      });
      throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
    },
    { step: 'deserialize', priority: 'low', name: 'loseAnswer' },
  );
  return client;
}

function withOtherToken(body: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(body);
  const changed = text.replace(/"ClientRequestToken":"..../, '"ClientRequestToken":"0000');
  if (changed === text) throw new Error('the request has no token to forget');
  return new TextEncoder().encode(changed);
}

export interface LostRequest {
  /** As ten minutes later: DynamoDB takes the retry for a new request. */
  forgetToken(): void;
}

/** A client whose transactions all apply and are never answered, however often they are tried. */
export function clientThatNeverAnswers(): DynamoDBClient {
  const client = emulatedDynamoDB();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (context['commandName'] !== 'TransactWriteItemsCommand') return answer;
      throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
    },
    { step: 'deserialize', priority: 'low', name: 'loseAnswers' },
  );
  return client;
}
