import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Canaries } from '../../ports/door.ts';
import { careItems } from './care-table.ts';
import { putCanaryNote } from './transaction.ts';

export function dynamoCanaries(client: DynamoDBClient, careTable: string): Canaries {
  const { item } = careItems(client, careTable);
  return {
    arrived: (id, at) => putCanaryNote(client, careTable, id, at),
    hasArrived: async (id) => (await item('canary', id)) !== undefined,
  };
}
