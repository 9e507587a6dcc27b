import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { canonicalText } from '../../domain/canonical.ts';
import type { AlertTokens, AlertWaiting } from '../../ports/alert-tokens.ts';
import { openCare } from '../kms/envelope.ts';
import { KeysErased, type OwnerKeys } from '../kms/keyring.ts';
import type { CareTable } from './care-table.ts';
import { text } from './stored-item.ts';
import { keepAlertToken, tokenKey } from './transaction.ts';

/** Under the patient's key, so that whoever erases a patient erases these with everything else. */
export function dynamoAlertTokens(
  client: DynamoDBClient,
  tableName: string,
  care: Pick<CareTable, 'item' | 'keysOf'>,
): AlertTokens {
  /** null where the patient was erased: their workflows end by themselves, at the latest when they look at the alert the next time. */
  async function keysOf(patient: string): Promise<OwnerKeys | null> {
    try {
      return await care.keysOf(patient);
    } catch (error) {
      if (error instanceof KeysErased) return null;
      throw error;
    }
  }

  return {
    async keep({ patient, alert }, { token, dueAt }, now) {
      const content = new TextEncoder().encode(canonicalText({ token, dueAt }));
      const keys = await keysOf(patient);
      if (keys === null) return;
      await keepAlertToken(client, tableName, keys, { owner: patient, alertId: alert, content }, now);
    },
    async newest({ patient, alert }) {
      const item = await care.item(patient, tokenKey(alert));
      if (item === undefined) return null;
      const keys = await keysOf(patient);
      if (keys === null) return null;
      const opened = await openCare(keys.care, patient, tokenKey(alert), text(item, 'content'));
      const waiting: AlertWaiting = JSON.parse(new TextDecoder().decode(opened));
      return waiting;
    },
  };
}
