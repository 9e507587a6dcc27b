import {
  CheckIfPhoneNumberIsOptedOutCommand,
  InvalidParameterException,
  OptedOutException,
  PublishCommand,
  SNSClient,
  ThrottledException,
} from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { publishingClient } from '../../functions/adapters/clients.ts';
import { sendSms, smsObstacle } from '../../functions/adapters/sns/reminder-sms.ts';
import { sendingSchema } from '../../functions/domain/sending.ts';
import { ChannelBusy } from '../../functions/ports/reminder-channels.ts';

const number = '+12025550123';
const text = 'Your next step is ready.';
const client = new SNSClient({});
const sns = mockClient(client);
const answered = (httpStatusCode: number) => ({ message: '', $metadata: { httpStatusCode } });

function sms(sending: object = {}) {
  return { client, publisher: client, sending: sendingSchema.parse(sending) };
}

beforeEach(() => {
  sns.reset();
  sns.on(CheckIfPhoneNumberIsOptedOutCommand).resolves({ isOptedOut: false });
});

describe('an SMS', () => {
  it('goes to the number itself, as a transactional one of limited price', async () => {
    sns.on(PublishCommand).resolves({ MessageId: 'm' });
    expect(await sendSms(sms(), number, text)).toEqual({ outcome: 'accepted' });
    expect(sns.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toEqual([
      {
        PhoneNumber: number,
        Message: text,
        MessageAttributes: {
          'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' },
          'AWS.SNS.SMS.MaxPrice': { DataType: 'Number', StringValue: '0.50' },
        },
      },
    ]);
  });

  it('comes from the name and the number of the clinic’s choice', async () => {
    sns.on(PublishCommand).resolves({ MessageId: 'm' });
    await sendSms(sms({ senderName: 'Reminders', sms: { originationNumber: '+12025550100' } }), number, text);
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.MessageAttributes).toMatchObject({
      'AWS.SNS.SMS.SenderID': { DataType: 'String', StringValue: 'Reminders' },
      'AWS.MM.SMS.OriginationNumber': { DataType: 'String', StringValue: '+12025550100' },
    });
  });

  it('is refused where the holder of the number has opted out (P20)', async () => {
    sns.on(PublishCommand).rejects(new OptedOutException(answered(400)));
    expect(await sendSms(sms(), number, text)).toEqual({ outcome: 'refused', reason: 'opted-out' });
  });

  it('is refused where SNS takes the number for none; a wrong sender or price is no fault of the number', async () => {
    const wrong = (message: string) => new InvalidParameterException({ ...answered(400), message });
    sns
      .on(PublishCommand)
      .rejectsOnce(wrong('Invalid parameter: PhoneNumber Reason: it is not valid to publish to'))
      .rejectsOnce(wrong('Invalid parameter: SenderID'));
    expect(await sendSms(sms(), number, text)).toEqual({ outcome: 'refused', reason: 'invalid-address' });
    await expect(sendSms(sms(), number, text)).rejects.toThrow(ChannelBusy);
  });

  it.each([
    ['it throttles', new ThrottledException(answered(429))],
    ['a right is missing', Object.assign(new Error('no'), { name: 'AuthorizationError', ...answered(403) })],
    ['nobody is there', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
    ['the function has no credentials', Object.assign(new Error('no'), { name: 'CredentialsProviderError' })],
  ])('was certainly not taken, and says so as ChannelBusy with its cause, where %s', async (_, error) => {
    sns.on(PublishCommand).rejects(error);
    await expect(sendSms(sms(), number, text)).rejects.toMatchObject({ name: 'ChannelBusy', cause: error });
  });

  it.each([
    ['a server failed', Object.assign(new Error('oops'), { name: 'InternalError', ...answered(500) })],
    ['the answer did not come in time', Object.assign(new Error('late'), { name: 'TimeoutError' })],
    ['the connection broke', Object.assign(new Error('hang up'), { code: 'ECONNRESET' })],
    ['the answer cannot be read', Object.assign(new Error('?'), { $metadata: {} })],
  ])('may have been taken, and is never called refused or busy, where %s', async (_, error) => {
    sns.on(PublishCommand).rejects(error);
    await expect(sendSms(sms(), number, text)).rejects.toBe(error);
  });
});

describe('D07: an answer that is lost', () => {
  it('is never followed by a second try of the SDK, which would send twice', async () => {
    let tries = 0;
    const publisher = publishingClient();
    publisher.middlewareStack.add(
      () => async () => {
        tries += 1;
        throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
      },
      // Below the SDK's own retry, as a broken connection is.
      { step: 'deserialize', priority: 'low', name: 'loseAnswer' },
    );
    publisher.config.credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' });
    await expect(sendSms({ ...sms(), publisher }, number, text)).rejects.toThrow('the answer was lost');
    expect(tries).toBe(1);
  });
});

describe('a number', () => {
  it('is reached unless its holder has said STOP (P20), and is not sent to where they have', async () => {
    sns.on(PublishCommand).resolves({});
    expect(await smsObstacle({ client }, number)).toBe(null);
    sns.on(CheckIfPhoneNumberIsOptedOutCommand).resolves({ isOptedOut: true });
    expect(await smsObstacle({ client }, number)).toBe('opted-out');
    expect(await sendSms(sms(), number, text)).toEqual({ outcome: 'refused', reason: 'opted-out' });
    expect(sns.commandCalls(PublishCommand)).toEqual([]);
    const [asked] = sns.commandCalls(CheckIfPhoneNumberIsOptedOutCommand);
    expect(asked?.args[0].input).toEqual({ phoneNumber: number });
  });

  it('is not reached where SNS takes it for none; where SNS cannot be asked, nothing is concluded and nothing sent', async () => {
    sns.on(CheckIfPhoneNumberIsOptedOutCommand).rejects(new InvalidParameterException(answered(400)));
    expect(await smsObstacle({ client }, number)).toBe('invalid-address');
    sns.on(CheckIfPhoneNumberIsOptedOutCommand).rejects(new Error('late'));
    await expect(smsObstacle({ client }, number)).rejects.toThrow('late');
    await expect(sendSms(sms(), number, text)).rejects.toThrow(ChannelBusy);
    expect(sns.commandCalls(PublishCommand)).toEqual([]);
  });
});
