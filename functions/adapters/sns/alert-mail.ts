import {
  NotFoundException,
  PublishCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { EscalationPlan, StaffId } from '../../domain/escalation-plan.ts';
import type { AlertMail } from '../../ports/alert-mail.ts';
import { staffTopicSuffix } from './staff-topic.ts';

export interface SnsAlertMailSettings {
  readonly client: SNSClient;
  /** What the ARN of every person's topic begins with. */
  readonly topicPrefix: string;
  /** Who has which address. */
  readonly plan: EscalationPlan;
  /** Waited after each message: SNS stops delivering to an address above ten a second. */
  readonly pace: () => Promise<void>;
}

/** What is known of one person's address. */
export type Subscribed = 'confirmed' | 'pending' | 'none' | 'no-topic';

/** A topic for each person: nobody can see or cancel another's, and no filter can keep a message from its only subscriber. */
export function snsAlertMail(settings: SnsAlertMailSettings): AlertMail {
  const { client, topicPrefix, plan, pace } = settings;
  return {
    async isConfirmed(staff) {
      const email = plan.staff.find(({ id }) => id === staff)?.email;
      return email !== undefined && (await subscribed(client, topicPrefix, staff, email)) === 'confirmed';
    },
    async send(to, { subject, body }) {
      const TopicArn = `${topicPrefix}${staffTopicSuffix(to)}`;
      await client.send(new PublishCommand({ TopicArn, Subject: subject, Message: body }));
      await pace();
    },
  };
}

/** Whether the address of the plan has been confirmed on this person's topic; another address does not count. */
export async function subscribed(
  client: SNSClient,
  topicPrefix: string,
  staff: StaffId,
  email: string,
): Promise<Subscribed> {
  const TopicArn = `${topicPrefix}${staffTopicSuffix(staff)}`;
  let found: Subscribed = 'none';
  try {
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
      for (const { Protocol, Endpoint, SubscriptionArn } of Subscriptions) {
        if (Protocol !== 'email' || Endpoint?.toLowerCase() !== email.toLowerCase()) continue;
        if (SubscriptionArn?.startsWith('arn:') === true) return 'confirmed';
        found = 'pending';
      }
    }
  } catch (error) {
    if (error instanceof NotFoundException) return 'no-topic';
    throw error;
  }
  return found;
}
