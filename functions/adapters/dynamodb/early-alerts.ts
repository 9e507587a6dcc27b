import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EarlyAlerts } from '../../ports/early-alerts.ts';
import { careItems } from './care-table.ts';
import { text, texts } from './stored-item.ts';
import { earlyAlertKey, keepEarlyAlert } from './transaction.ts';

export function dynamoEarlyAlerts(client: DynamoDBClient, careTable: string): EarlyAlerts {
  const { item } = careItems(client, careTable);
  return {
    async find(reference) {
      const { pk, sk } = earlyAlertKey(reference);
      const found = await item(pk, sk);
      if (found === undefined) return null;
      return {
        reference,
        at: text(found, 'at'),
        told: texts(found, 'told'),
        isRecorded: found['isRecorded']?.BOOL === true,
      };
    },
    keep: (early, now) => keepEarlyAlert(client, careTable, early, now),
  };
}
