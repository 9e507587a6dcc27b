import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Instant } from '../../domain/instant.ts';
import type { PatientId } from '../../domain/patient.ts';
import type { ReviewIndex } from '../../ports/nights.ts';
import { shardOf, shards } from '../shard.ts';
import { type Item, text } from './stored-item.ts';

/** Whoever is not due before an event comes stands at the end: nobody known is missing from the index. */
const never = '9999-12-31T23:59:59.999Z';

const patientsOfPage = 200;

function kindOf(shard: number): string {
  return `review#${shard}`;
}

/** A patient's place in the index: an opaque id and a time. */
export function dueAttributes(id: PatientId, reviewAt: Instant | null): Item {
  return { dueKind: { S: kindOf(shardOf(id)) }, dueAt: { S: reviewAt ?? never } };
}

export function dynamoReviewIndex(client: DynamoDBClient, careTable: string): ReviewIndex {
  return {
    shards,
    async due(shard, until, cursor) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: careTable,
          IndexName: 'due',
          KeyConditionExpression: 'dueKind = :kind AND dueAt <= :until',
          ExpressionAttributeValues: { ':kind': { S: kindOf(shard) }, ':until': { S: until ?? never } },
          Limit: patientsOfPage,
          ...(cursor !== null && { ExclusiveStartKey: JSON.parse(cursor) }),
        }),
      );
      return {
        due: Items.map((item) => {
          const dueAt = text(item, 'dueAt');
          return { id: text(item, 'pk'), reviewAt: dueAt === never ? null : dueAt };
        }),
        cursor: LastEvaluatedKey === undefined ? null : JSON.stringify(LastEvaluatedKey),
      };
    },
  };
}
