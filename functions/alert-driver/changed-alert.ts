import type { DynamoDBRecord } from 'aws-lambda';
import { alertOfKey } from '../adapters/dynamodb/alert-index.ts';
import type { AlertName } from '../ports/alert-index.ts';

/**
 * The alert that a record of the care table's stream is about; null: it is about something else.
 * @throws Error where the record has no keys, which every record has
 */
export function changedAlert({ dynamodb }: DynamoDBRecord): AlertName | null {
  const patient = dynamodb?.Keys?.['pk']?.S;
  const key = dynamodb?.Keys?.['sk']?.S;
  if (patient === undefined || key === undefined)
    throw new Error('a record of the stream has no keys: is it the stream of the care table?');
  const alert = alertOfKey(key);
  return alert === null ? null : { patient, alert };
}
