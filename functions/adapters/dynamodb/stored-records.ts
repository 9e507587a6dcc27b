import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { StoredRecord, StoredRecords } from '../../ports/stored-records.ts';
import { type Item, known, Malformed, number, text } from './stored-item.ts';

/**
 * The audit table as an export reads it, a page at a time.
 * @param withContent whether the encrypted contents come along; without them a page holds the same, but nothing can be opened.
 */
export function dynamoStoredRecords(client: DynamoDBClient, auditTable: string, withContent: boolean): StoredRecords {
  return {
    async *between(chain, firstSeq, lastSeq) {
      let from: Item | undefined;
      do {
        const page = await client.send(
          new QueryCommand({
            TableName: auditTable,
            KeyConditionExpression: '#chain = :chain AND #sequence BETWEEN :first AND :last',
            ExpressionAttributeNames: { '#chain': 'chain', '#sequence': 'sequence' },
            ExpressionAttributeValues: {
              ':chain': { S: chain },
              ':first': { N: String(firstSeq) },
              ':last': { N: String(lastSeq) },
            },
            ConsistentRead: true,
            ...(from && { ExclusiveStartKey: from }),
          }),
        );
        for (const item of page.Items ?? []) yield* recordIn(known(item), withContent);
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    },
  };
}

/** None where somebody has made the item unreadable: an export goes on, and whoever verifies it sees that the record is missing. */
function recordIn(item: Item, withContent: boolean): StoredRecord[] {
  try {
    return [
      {
        chain: text(item, 'chain'),
        sequence: number(item, 'sequence'),
        recordedAt: text(item, 'recordedAt'),
        recordHash: text(item, 'recordHash'),
        head: text(item, 'head'),
        content: withContent ? text(item, 'content') : null,
      },
    ];
  } catch (error) {
    if (error instanceof Malformed) return [];
    throw error;
  }
}
