import {
  ListSubscriptionsByTopicCommand,
  NotFoundException,
  PublishCommand,
  SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { snsAlertMail } from '../../functions/adapters/sns/alert-mail.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import { planOf } from '../example-escalation.ts';

const client = new SNSClient({ region: 'eu-north-1' });
const sns = mockClient(client);
const topicPrefix = 'arn:aws:sns:eu-north-1:000000000000:Tandem-local-staff-';
let paced = 0;
const pace = async () => {
  paced += 1;
};
const mail = snsAlertMail({ client, topicPrefix, plan: planOf(), pace });

const email = (change: Partial<Subscription> = {}): Subscription => ({
  Protocol: 'email',
  Endpoint: 't-7@example.org',
  SubscriptionArn: `${topicPrefix}x:1`,
  ...change,
});

beforeEach(() => {
  sns.reset();
  paced = 0;
});

describe('an address counts as confirmed', () => {
  it.each<[boolean, string, Subscription[]]>([
    [true, 'where it is that of the plan, whatever its capitals', [email({ Endpoint: 'T-7@example.org' })]],
    [
      true,
      'where an older attempt still waits beside it',
      [email({ SubscriptionArn: 'PendingConfirmation' }), email()],
    ],
    [false, 'not where nobody has confirmed it (P15)', [email({ SubscriptionArn: 'PendingConfirmation' })]],
    [false, 'not where its subscription was deleted', [email({ SubscriptionArn: 'Deleted' })]],
    [false, 'not where there is none (P15)', []],
    [false, 'not where another address is confirmed', [email({ Endpoint: 'other@example.org' })]],
    [false, 'not where it is no e-mail', [email({ Protocol: 'sqs' })]],
  ])('%s: %s', async (expected, _, Subscriptions) => {
    sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions });
    expect(await mail.isConfirmed('t-7')).toBe(expected);
  });

  it('on whatever page it stands', async () => {
    sns
      .on(ListSubscriptionsByTopicCommand)
      .resolvesOnce({ NextToken: 'more' })
      .resolvesOnce({ Subscriptions: [email()] });
    expect(await mail.isConfirmed('t-7')).toBe(true);
  });

  it('not where the person or the topic is unknown; where SNS cannot be asked, nothing is concluded', async () => {
    expect(await mail.isConfirmed('nobody')).toBe(false);
    sns.on(ListSubscriptionsByTopicCommand).rejects(new NotFoundException({ message: '', $metadata: {} }));
    expect(await mail.isConfirmed('t-7')).toBe(false);
    sns.on(ListSubscriptionsByTopicCommand).rejects(new Error('busy'));
    await expect(mail.isConfirmed('t-7')).rejects.toThrow('busy');
  });
});

describe('an e-mail', () => {
  it('goes to the topic of its one reader, without attributes that a filter could compare (P18), and is paced', async () => {
    sns.on(PublishCommand).resolves({});
    await mail.send('t-7', { subject: 'Please look', body: 'Alert a-1' });
    expect(sns.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toEqual([
      { TopicArn: `${topicPrefix}${staffTopicSuffix('t-7')}`, Subject: 'Please look', Message: 'Alert a-1' },
    ]);
    expect(paced).toBe(1);
  });

  it('goes to a topic whose name does not say whose it is, and stays the same', () => {
    expect(staffTopicSuffix('t-7')).toMatch(/^[0-9a-f]{20}$/);
    expect(staffTopicSuffix('t-7')).toBe(staffTopicSuffix('t-7'));
    expect(staffTopicSuffix('t-7')).not.toBe(staffTopicSuffix('t-70'));
  });
});
