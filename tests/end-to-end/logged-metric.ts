/** The metrics that functions put into their logs. On AWS they become CloudWatch metrics; the emulator keeps the lines alone. */
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

/** All values of one metric, in no order. */
export async function loggedMetric(name: string): Promise<number[]> {
  const client = new CloudWatchLogsClient({});
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({}));
  const values: number[] = [];
  for (const { logGroupName } of logGroups) {
    let nextToken: string | undefined;
    do {
      const page = await client.send(new FilterLogEventsCommand({ logGroupName, nextToken }));
      for (const { message = '' } of page.events ?? []) values.push(...valuesIn(message, name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  return values;
}

function valuesIn(line: string, name: string): number[] {
  if (!line.includes('"_aws"') || !line.includes(`"${name}"`)) return [];
  const value = (JSON.parse(line) as Record<string, number | number[] | undefined>)[name];
  return value === undefined ? [] : [value].flat();
}
