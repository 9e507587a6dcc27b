import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Deployment } from './deployment.ts';
import { tableUse, viaDynamoDB } from './keys.ts';
import type { TableInUse } from './table-in-use.ts';

/** May do exactly these actions to the table's items, and whatever its encryption at rest asks of KMS for them. */
export function mayUseTable(
  sid: string,
  table: TableInUse,
  key: IKey,
  actions: string[],
  conditions = {},
): PolicyStatement[] {
  return [
    new PolicyStatement({ sid, actions, resources: [table.tableArn], conditions }),
    new PolicyStatement({
      sid: `${sid}AtRest`,
      actions: tableUse,
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': viaDynamoDB(table) } },
    }),
  ];
}

/** May look something up in one index of the table; what it finds there it reads by the rights above. */
export function mayQueryIndex(sid: string, table: TableInUse, index: string): PolicyStatement {
  return new PolicyStatement({ sid, actions: ['dynamodb:Query'], resources: [`${table.tableArn}/index/${index}`] });
}

/** @throws Error where the table has no stream. */
export function streamOf({ tableStreamArn }: TableInUse): string {
  if (tableStreamArn === undefined) throw new Error('this table has no stream');
  return tableStreamArn;
}

/** May follow the table's stream, as Lambda does on the function's behalf. Its records are under the table's key. */
export function mayFollowStream(sid: string, table: TableInUse): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    resources: [streamOf(table)],
  });
}

/** May publish on the topic under the topic's key. */
export function mayPublish(sid: string, topic: ITopic, key: IKey): PolicyStatement[] {
  return [
    new PolicyStatement({ sid, actions: ['sns:Publish'], resources: [topic.topicArn] }),
    new PolicyStatement({ sid: `${sid}Key`, actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
  ];
}

/** May put messages into the queue under the queue's key. */
export function maySend(sid: string, queue: IQueue, key: IKey): PolicyStatement[] {
  return [
    new PolicyStatement({ sid, actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
    new PolicyStatement({ sid: `${sid}Key`, actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
  ];
}

/** May take messages from the queue, as Lambda does on the function's behalf. */
export function mayConsume(sid: string, queue: IQueue, key: IKey): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid,
      actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      resources: [queue.queueArn],
    }),
    new PolicyStatement({ sid: `${sid}Key`, actions: ['kms:Decrypt'], resources: [key.keyArn] }),
  ];
}

/** May hand X-Ray what it has measured, where the clinic traces; nothing otherwise. X-Ray knows no resource to allow it on. */
export function mayTrace({ tracing }: Pick<Deployment, 'tracing'>, more: string[] = []): PolicyStatement[] {
  if (!tracing) return [];
  const actions = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments', ...more];
  return [new PolicyStatement({ sid: 'Trace', actions, resources: ['*'] })];
}
