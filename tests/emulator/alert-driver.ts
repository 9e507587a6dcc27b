import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';

/** Has the driver of alerts follow the stream of the care table from its oldest change; the local stage leaves that off. */
export async function followAlerts(driverFunction: string, enabled = true): Promise<void> {
  const lambda = new LambdaClient({});
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: driverFunction }),
  );
  if (EventSourceMappings.length === 0) throw new Error('the driver of alerts follows no stream');
  for (const { UUID } of EventSourceMappings)
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: enabled }));
}
