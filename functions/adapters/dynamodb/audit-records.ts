import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { SealedRecord } from '../../domain/audit-chain.ts';
import { auditPrivateKey } from '../kms/audit-reader.ts';
import { openAudit } from '../kms/envelope.ts';
import { KeysErased } from '../kms/keyring.ts';
import type { CareTable } from './care-table.ts';
import { type Item, known, number, text, toKeys } from './stored-item.ts';

/** A record as the audit table keeps it: whoever has only this can check the chain, and cannot read it. */
export interface StoredRecord extends Omit<SealedRecord, 'bytes' | 'salt'> {
  /** JWE text. */
  readonly content: string;
}

export interface AuditRecords {
  /** The chain's records as stored, first to last. */
  stored(chain: string): Promise<StoredRecord[]>;
  /**
   * The same, opened. Takes kms:Decrypt under the audit key, which no function has.
   * @throws KeysErased, Unreadable
   */
  opened(chain: string): Promise<SealedRecord[]>;
}

export function dynamoAuditRecords(
  client: DynamoDBClient,
  auditTable: string,
  care: Pick<CareTable, 'item'>,
  kms: KMSClient,
): AuditRecords {
  async function stored(chain: string): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    let from: Item | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: auditTable,
          KeyConditionExpression: '#chain = :chain',
          ExpressionAttributeNames: { '#chain': 'chain' },
          ExpressionAttributeValues: { ':chain': { S: chain } },
          ConsistentRead: true,
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      records.push(...(page.Items ?? []).map((item) => toStoredRecord(known(item))));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return records;
  }

  return {
    stored,
    async opened(chain) {
      const records = await stored(chain);
      if (records.length === 0) return [];
      const keys = await care.item(chain, 'keys');
      if (keys === undefined)
        throw new KeysErased(`the keys of ${chain} were erased: its records cannot be read any more`);
      const key = await auditPrivateKey(kms, chain, toKeys(keys).audit);
      return Promise.all(
        records.map(async ({ content, ...record }) => ({ ...record, ...(await openAudit(key, record, content)) })),
      );
    },
  };
}

function toStoredRecord(item: Item): StoredRecord {
  return {
    chain: text(item, 'chain'),
    sequence: number(item, 'sequence'),
    recordedAt: text(item, 'recordedAt'),
    recordHash: text(item, 'recordHash'),
    head: text(item, 'head'),
    content: text(item, 'content'),
  };
}
