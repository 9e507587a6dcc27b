import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Instant } from '../../domain/instant.ts';
import type { Patient } from '../../domain/patient.ts';
import type { ReminderIndex } from '../../ports/reminder-index.ts';
import { shardOf, shards } from '../shard.ts';
import { text } from './stored-item.ts';
import type { CareNote } from './transaction.ts';

const patientsOfPage = 200;

function kindOf(shard: number): string {
  return `reminder#${shard}`;
}

/**
 * A patient's place in the index: an item of its own, since the head item stands in the index of reviews. Written only where it
 * moves; who has nothing ahead leaves the index.
 */
export function reminderDueNotes({ id, reminderAt: before }: Patient, reminderAt: Instant | null): CareNote[] {
  if (reminderAt === before) return [];
  const place = reminderAt === null ? {} : { dueKind: { S: kindOf(shardOf(id)) }, dueAt: { S: reminderAt } };
  return [{ pk: id, sk: 'due#reminder', attributes: place }];
}

export function dynamoReminderIndex(client: DynamoDBClient, careTable: string): ReminderIndex {
  return {
    shards,
    async due(shard, until, cursor) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: careTable,
          IndexName: 'due',
          KeyConditionExpression: 'dueKind = :kind AND dueAt <= :until',
          ExpressionAttributeValues: { ':kind': { S: kindOf(shard) }, ':until': { S: until } },
          Limit: patientsOfPage,
          ...(cursor !== null && { ExclusiveStartKey: JSON.parse(cursor) }),
        }),
      );
      return {
        due: Items.map((item) => ({ id: text(item, 'pk'), reminderAt: text(item, 'dueAt') })),
        cursor: LastEvaluatedKey === undefined ? null : JSON.stringify(LastEvaluatedKey),
      };
    },
  };
}
