/** What AWS asks for, in US dollars, us-east-1, on demand, without free tiers, discounts and taxes. */
export interface Price {
  readonly what: string;
  readonly dollars: number;
  readonly per: string;
  /** Where the price was read. */
  readonly source: string;
  /** When that page was written, as far as it says; "undated" otherwise. */
  readonly dated: string;
  /** Not found on a page that could be read: taken from memory of AWS's list, to be confirmed before anyone relies on it. */
  readonly confirm?: true;
}

/** When the prices were looked up. */
export const lookedUpOn = '2026-11-25';

const million = 1_000_000;

const list = {
  write: {
    what: 'DynamoDB write unit, on demand (1 KB; twice in a transaction)',
    dollars: 0.625 / million,
    per: 'unit',
    source: 'airbyte.com/data-engineering-resources/dynamodb-pricing',
    dated: '2025-07-21',
  },
  read: {
    what: 'DynamoDB read unit, on demand (4 KB, consistent)',
    dollars: 0.125 / million,
    per: 'unit',
    source: 'airbyte.com/data-engineering-resources/dynamodb-pricing',
    dated: '2025-07-21',
  },
  tableStorage: {
    what: 'DynamoDB storage',
    dollars: 0.25,
    per: 'GB and month',
    source: 'aws.amazon.com/dynamodb/pricing',
    dated: 'undated',
    confirm: true,
  },
  pointInTime: {
    what: 'DynamoDB point-in-time recovery',
    dollars: 0.2,
    per: 'GB and month',
    source: 'aws.amazon.com/dynamodb/pricing',
    dated: 'undated',
    confirm: true,
  },
  backup: {
    what: 'AWS Backup of DynamoDB, warm',
    dollars: 0.1,
    per: 'GB and month',
    source: 'aws.amazon.com/backup/pricing',
    dated: 'undated',
    confirm: true,
  },
  invocation: {
    what: 'Lambda request',
    dollars: 0.2 / million,
    per: 'request',
    source: 'wring.co/blog/aws-lambda-pricing-guide',
    dated: '2026-03-08',
  },
  gigabyteSecond: {
    what: 'Lambda duration, arm64',
    dollars: 0.0000133334,
    per: 'GB second',
    source: 'wring.co/blog/aws-lambda-pricing-guide',
    dated: '2026-03-08',
  },
  transition: {
    what: 'Step Functions state transition, standard',
    dollars: 0.025 / 1000,
    per: 'transition',
    source: 'aws.amazon.com/step-functions/pricing',
    dated: 'undated',
  },
  key: {
    what: 'KMS key',
    dollars: 1,
    per: 'key and month',
    source: 'aws.amazon.com/kms/pricing',
    dated: 'undated',
  },
  keyUse: {
    what: 'KMS request, symmetric or HMAC',
    dollars: 0.03 / 10_000,
    per: 'request',
    source: 'wring.co/blog/aws-kms-pricing-guide',
    dated: '2026-03-15',
  },
  signature: {
    what: 'KMS signature, elliptic curve',
    dollars: 0.15 / 10_000,
    per: 'request',
    source: 'factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region ("5 times the symmetric rate")',
    dated: '2026-06-13',
    confirm: true,
  },
  busEvent: {
    what: 'EventBridge custom event',
    dollars: 1 / million,
    per: 'event',
    source: 'cloudburn.io/blog/amazon-eventbridge-pricing',
    dated: '2026-03-13',
  },
  schedule: {
    what: 'EventBridge Scheduler invocation',
    dollars: 1 / million,
    per: 'invocation',
    source: 'cloudburn.io/blog/amazon-eventbridge-pricing',
    dated: '2026-03-13',
  },
  queueRequest: {
    what: 'SQS request',
    dollars: 0.4 / million,
    per: 'request',
    source: 'aws.amazon.com/sqs/pricing',
    dated: 'undated',
    confirm: true,
  },
  email: {
    what: 'SNS e-mail',
    dollars: 2 / 100_000,
    per: 'e-mail',
    source: 'aws.amazon.com/sns/pricing',
    dated: 'undated',
    confirm: true,
  },
  sms: {
    what: 'SMS to a US number, with the carrier fee',
    dollars: 0.01,
    per: 'message',
    source: 'aws.amazon.com/end-user-messaging/pricing',
    dated: 'undated',
    confirm: true,
  },
  apiRequest: {
    what: 'API Gateway, HTTP API',
    dollars: 1 / million,
    per: 'request',
    source: 'docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration',
    dated: 'undated',
  },
  user: {
    what: 'Cognito user who signs in, Plus',
    dollars: 0.02,
    per: 'user and month',
    source: 'aws.amazon.com/cognito/pricing',
    dated: 'undated',
    confirm: true,
  },
  appClient: {
    what: 'Cognito client of a machine',
    dollars: 6,
    per: 'client and month',
    source: 'rhythmictech.com/blog/the-aws-cognito-m2m-bill-has-come-due-what-you-need-to-know',
    dated: '2025-05',
  },
  machineToken: {
    what: 'Cognito token of a machine',
    dollars: 2.25 / 1000,
    per: 'token',
    source: 'cur.vantage-api.com/aws/amazoncognito/user-pools-m2m/cupm2mtokenrequestsfull',
    dated: '2025-04-27',
  },
  logGigabyte: {
    what: 'CloudWatch logs taken in',
    dollars: 0.5,
    per: 'GB',
    source: 'factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards',
    dated: '2026-06-13',
  },
  metric: {
    what: 'CloudWatch custom metric',
    dollars: 0.3,
    per: 'metric and month',
    source: 'signoz.io/guides/cloudwatch-pricing',
    dated: '2026-02-15',
  },
  alarm: {
    what: 'CloudWatch alarm',
    dollars: 0.1,
    per: 'alarm and month',
    source: 'c3x.dev/resources/aws/aws_cloudwatch_metric_alarm',
    dated: 'undated',
  },
  dashboard: {
    what: 'CloudWatch dashboard',
    dollars: 3,
    per: 'dashboard and month',
    source: 'factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards',
    dated: '2026-06-13',
  },
  trace: {
    what: 'X-Ray trace recorded',
    dollars: 5 / million,
    per: 'trace',
    source: 'aws.amazon.com/de/xray/pricing',
    dated: 'undated',
  },
  objectPut: {
    what: 'S3 PUT',
    dollars: 0.005 / 1000,
    per: 'request',
    source: 'aws.amazon.com/s3/pricing',
    dated: 'undated',
    confirm: true,
  },
  server: {
    what: 'EC2 t4g.small, Linux',
    dollars: 0.0168,
    per: 'hour',
    source: 'aws.amazon.com/ec2/pricing/on-demand',
    dated: 'undated',
    confirm: true,
  },
  disk: {
    what: 'EBS gp3',
    dollars: 0.08,
    per: 'GB and month',
    source: 'aws.amazon.com/ebs/pricing',
    dated: 'undated',
    confirm: true,
  },
  address: {
    what: 'Public IPv4 address',
    dollars: 0.005,
    per: 'hour',
    source: 'nwobodo.me/notes/aws-extra-ipv4-cost-per-hour',
    dated: '2024-06-01',
  },
  loadBalancer: {
    what: 'Application Load Balancer, without its capacity units',
    dollars: 0.0225,
    per: 'hour',
    source: 'aws.amazon.com/elasticloadbalancing/pricing',
    dated: 'undated',
    confirm: true,
  },
  database: {
    what: 'RDS PostgreSQL db.t4g.small in two zones',
    dollars: 0.064,
    per: 'hour',
    source: 'infratally.com/articles/aws-rds-pricing-explained-2026.html',
    dated: '2026',
  },
  databaseDisk: {
    what: 'RDS gp3 storage, one zone',
    dollars: 0.115,
    per: 'GB and month',
    source: 'usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator',
    dated: '2026-06',
  },
} satisfies Record<string, Price>;

export type PriceName = keyof typeof list;
export const prices: Readonly<Record<PriceName, Price>> = list;
