import type { SNSClient } from '@aws-sdk/client-sns';
import type { Channel } from '../../domain/reminder.ts';
import type { Sending } from '../../domain/sending.ts';
import type { ReminderChannels } from '../../ports/reminder-channels.ts';
import type { PatientTopics } from './patient-topic.ts';
import { emailReaches, sendEmail } from './reminder-email.ts';
import { sendSms, smsObstacle } from './reminder-sms.ts';

export interface SnsReminderChannelsSettings {
  /** For questions and topics: it tries again by itself. */
  readonly client: SNSClient;
  /** For messages: it never does. */
  readonly publisher: SNSClient;
  readonly topics: Omit<PatientTopics, 'client' | 'senderName'>;
  readonly sending: Sending;
}

/** SMS to the number itself, e-mail to a topic of the patient's own. */
export function snsReminderChannels(settings: SnsReminderChannelsSettings): ReminderChannels {
  const { client, publisher, sending } = settings;
  const sms = { client, publisher, sending };
  const mail = { topics: { ...settings.topics, client, senderName: sending.senderName }, publisher };
  return {
    async reachable(patient, contact) {
      const channels: Channel[] = [];
      if (contact.sms !== undefined && (await smsObstacle(sms, contact.sms)) === null) channels.push('sms');
      const ask = contact.preferred === 'email';
      if (contact.email !== undefined && (await emailReaches(mail, patient, contact.email, ask)))
        channels.push('email');
      return channels;
    },
    async send(patient, channel, contact, message) {
      const address = contact[channel];
      if (address === undefined) return { outcome: 'refused', reason: 'invalid-address' };
      return channel === 'sms' ? sendSms(sms, address, message.body) : sendEmail(mail, patient, address, message);
    },
  };
}
