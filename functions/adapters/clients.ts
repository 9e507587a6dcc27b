import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';

/**
 * How long a call may take, and how often the SDK tries. Without `throwOnRequestTimeout` a call that got no answer would
 * only be logged and would hang until the function is killed.
 */
export const clientSettings = {
  maxAttempts: 4,
  retryMode: 'standard',
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
} as const;

// One client of each kind for the life of the process: connections and credentials are shared by all calls.
let dynamoDB: DynamoDBClient | undefined;
let kms: KMSClient | undefined;
let eventBridge: EventBridgeClient | undefined;
let sns: SNSClient | undefined;
let s3: S3Client | undefined;

export function dynamoDBClient(): DynamoDBClient {
  dynamoDB ??= new DynamoDBClient(clientSettings);
  return dynamoDB;
}

export function kmsClient(): KMSClient {
  kms ??= new KMSClient(clientSettings);
  return kms;
}

export function s3Client(): S3Client {
  s3 ??= new S3Client(clientSettings);
  return s3;
}

export function snsClient(): SNSClient {
  sns ??= new SNSClient(clientSettings);
  return sns;
}

export function eventBridgeClient(): EventBridgeClient {
  eventBridge ??= new EventBridgeClient(clientSettings);
  return eventBridge;
}
