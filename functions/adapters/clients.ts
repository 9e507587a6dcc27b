import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
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
let publishing: SNSClient | undefined;
let s3: S3Client | undefined;
let sfn: SFNClient | undefined;

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

export function sfnClient(): SFNClient {
  sfn ??= new SFNClient(clientSettings);
  return sfn;
}

export function snsClient(): SNSClient {
  sns ??= new SNSClient(clientSettings);
  return sns;
}

/**
 * For messages that must go out at most once. SNS knows no second try from a first: where its answer is lost, trying again would
 * send twice, so there is one attempt. It waits longer for the answer, and takes a new connection each time: one that was kept
 * over a pause of the function may be dead, and then nobody would know whether the message left.
 */
export function publishingClient(): SNSClient {
  publishing ??= new SNSClient({
    ...clientSettings,
    maxAttempts: 1,
    requestHandler: {
      ...clientSettings.requestHandler,
      requestTimeout: 10_000,
      httpAgent: { keepAlive: false },
      httpsAgent: { keepAlive: false },
    },
  });
  return publishing;
}

export function eventBridgeClient(): EventBridgeClient {
  eventBridge ??= new EventBridgeClient(clientSettings);
  return eventBridge;
}
