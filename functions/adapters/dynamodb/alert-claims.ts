import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AlertClaims } from '../../ports/alert-claims.ts';
import { releaseAlertClaim, takeAlertClaim } from './transaction.ts';

export function dynamoAlertClaims(client: DynamoDBClient, careTable: string): AlertClaims {
  return {
    take: (alertId, holder, now, until) => takeAlertClaim(client, careTable, { alertId, holder, until }, now),
    release: (alertId, holder) => releaseAlertClaim(client, careTable, { alertId, holder }),
  };
}
