import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Alert } from '../../domain/alert.ts';
import { alertDueAt } from '../../domain/alert-due.ts';
import { tiers } from '../../domain/escalation-plan.ts';
import type { PatientId } from '../../domain/patient.ts';
import type { AlertIndex } from '../../ports/alert-index.ts';
import type { CareTable } from './care-table.ts';
import { type Item, text } from './stored-item.ts';
import type { CareNote } from './transaction.ts';

/** What the sort key of every alert begins with, and of nothing else. */
export const alertKeyPrefix = 'alert#';
const latest = '9999-12-31T23:59:59.999Z';
const placesOfPage = 100;

/** An alert's sort key under its patient. */
export function alertKey(alertId: string): string {
  return `${alertKeyPrefix}${alertId}`;
}

/** The id of the alert under this sort key; null: it is no alert's. */
export function alertOfKey(sortKey: string): string | null {
  return sortKey.startsWith(alertKeyPrefix) ? sortKey.slice(alertKeyPrefix.length) : null;
}

/** By tier, so that a sweep comes to what is urgent first. A clinic's open alerts are few: each tier is one partition. */
function kindOf(tier: Alert['tier']): string {
  return `${alertKeyPrefix}${tier}`;
}

/** What is readable of an alert without a key: how it stands, and its place in the index. An ended one leaves the index. */
export function alertAttributes(alert: Alert): Item {
  const dueAt = alertDueAt(alert);
  const place = dueAt === null ? {} : { dueKind: { S: kindOf(alert.tier) }, dueAt: { S: dueAt } };
  return { status: { S: alert.status }, ...place };
}

/** Whose alert it is, for whoever knows its id only. It stays when the alert has ended: an answer may still come. */
export function alertOwnerNote(alert: Alert, patient: PatientId): CareNote {
  return { pk: alertKey(alert.id), sk: 'owner', attributes: { patient: { S: patient } } };
}

export function dynamoAlertIndex(
  client: DynamoDBClient,
  careTable: string,
  items: Pick<CareTable, 'item'>,
): AlertIndex {
  return {
    async due(tier, until, cursor) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: careTable,
          IndexName: 'due',
          KeyConditionExpression: 'dueKind = :kind AND dueAt <= :until',
          ExpressionAttributeValues: { ':kind': { S: kindOf(tier) }, ':until': { S: until ?? latest } },
          Limit: placesOfPage,
          ...(cursor !== null && { ExclusiveStartKey: JSON.parse(cursor) }),
        }),
      );
      return {
        places: Items.map((item) => ({
          patient: text(item, 'pk'),
          alert: text(item, 'sk').slice(alertKeyPrefix.length),
          dueAt: text(item, 'dueAt'),
        })),
        cursor: LastEvaluatedKey === undefined ? null : JSON.stringify(LastEvaluatedKey),
      };
    },
    async standing({ patient, alert }) {
      const item = await items.item(patient, alertKey(alert));
      // An ended one has left the index.
      const tier = tiers.find((one) => item?.['dueKind']?.S === kindOf(one));
      return item === undefined || tier === undefined ? null : { tier, dueAt: text(item, 'dueAt') };
    },
    async patientOf(alertId) {
      const owner = await items.item(alertKey(alertId), 'owner');
      return owner === undefined ? null : text(owner, 'patient');
    },
  };
}
