import {
  CheckIfPhoneNumberIsOptedOutCommand,
  InvalidParameterException,
  InvalidParameterValueException,
  type MessageAttributeValue,
  OptedOutException,
  PublishCommand,
  type SNSClient,
} from '@aws-sdk/client-sns';
import type { Sending } from '../../domain/sending.ts';
import { ChannelBusy, type ReminderDelivery } from '../../ports/reminder-channels.ts';
import { publishError } from './publish-answer.ts';

export interface ReminderSmsSettings {
  /** For questions, which may be asked again. */
  readonly client: SNSClient;
  /** For messages: it must never try twice by itself. */
  readonly publisher: SNSClient;
  readonly sending: Sending;
}

/** Why no SMS reaches a number: it is none, or its holder has told AWS, by STOP, to send nothing more from this account. */
export async function smsObstacle(
  { client }: Pick<ReminderSmsSettings, 'client'>,
  number: string,
): Promise<'opted-out' | 'invalid-address' | null> {
  try {
    const answer = await client.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber: number }));
    return answer.isOptedOut === true ? 'opted-out' : null;
  } catch (error) {
    if (error instanceof InvalidParameterException) return 'invalid-address';
    throw error;
  }
}

/**
 * Sends one SMS, after one more look at whether its reader wants any. Accepted says that SNS will try: what a network refuses
 * later, and what stops at the account's monthly limit or at `maxPriceUsd`, is dropped by SNS without a word here. So the limit has
 * an alarm of its own (sms-spend).
 * @throws ChannelBusy where SNS did not take it; any other error where nobody knows.
 */
export async function sendSms(settings: ReminderSmsSettings, number: string, words: string): Promise<ReminderDelivery> {
  const { publisher, sending } = settings;
  const obstacle = await smsObstacle(settings, number).catch((cause: unknown) => {
    throw new ChannelBusy('whether the number has opted out could not be seen, so nothing was sent', { cause });
  });
  if (obstacle !== null) return { outcome: 'refused', reason: obstacle };
  try {
    await publisher.send(
      new PublishCommand({ PhoneNumber: number, Message: words, MessageAttributes: attributesOf(sending) }),
    );
    return { outcome: 'accepted' };
  } catch (error) {
    if (error instanceof OptedOutException) return { outcome: 'refused', reason: 'opted-out' };
    if (isAboutNumber(error)) return { outcome: 'refused', reason: 'invalid-address' };
    throw publishError(error);
  }
}

/** SNS guide, "Publishing SMS messages to a mobile phone". */
function attributesOf({ senderName, sms }: Sending): Record<string, MessageAttributeValue> {
  return {
    // Delivered with care, not at the lowest price; and not held back where a country forbids advertising at night.
    'AWS.SNS.SMS.SMSType': text('Transactional'),
    'AWS.SNS.SMS.MaxPrice': { DataType: 'Number', StringValue: sms.maxPriceUsd.toFixed(2) },
    ...(senderName === undefined ? {} : { 'AWS.SNS.SMS.SenderID': text(senderName) }),
    ...(sms.originationNumber === undefined ? {} : { 'AWS.MM.SMS.OriginationNumber': text(sms.originationNumber) }),
  };
}

function text(StringValue: string): MessageAttributeValue {
  return { DataType: 'String', StringValue };
}

/** SNS refuses a wrong sender or price by the same name: that is the clinic's to mend, and no fault of the number. */
function isAboutNumber(error: unknown): boolean {
  const isRefusal = error instanceof InvalidParameterException || error instanceof InvalidParameterValueException;
  return isRefusal && error.message.includes('PhoneNumber');
}
