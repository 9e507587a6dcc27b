import {
  CheckIfPhoneNumberIsOptedOutCommand,
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  NotFoundException,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryReminderChannels } from '../../functions/adapters/memory/reminder-channels.ts';
import { snsReminderChannels } from '../../functions/adapters/sns/reminder-channels.ts';
import { turns } from '../../functions/adapters/turns.ts';
import { sendingSchema } from '../../functions/domain/sending.ts';
import type { Contact } from '../../functions/ports/reminder-channels.ts';

const client = new SNSClient({});
const sns = mockClient(client);
const channels = snsReminderChannels({
  client,
  publisher: client,
  topics: { prefix: 'arn:aws:sns:eu-north-1:000000000000:Tandem-local-mail-', keyArn: 'arn:key' },
  sending: sendingSchema.parse({}),
});
const both: Contact = { preferred: 'sms', sms: '+12025550123', email: 'p@example.org' };
const message = { subject: 'A message for you', body: 'Your next step is ready.' };

beforeEach(() => {
  sns.reset();
  sns.on(CheckIfPhoneNumberIsOptedOutCommand).resolves({ isOptedOut: false });
  sns.on(ListSubscriptionsByTopicCommand).resolves({
    Subscriptions: [{ Protocol: 'email', Endpoint: 'p@example.org', SubscriptionArn: 'arn:1' }],
  });
  sns.on(PublishCommand).resolves({});
});

describe('the channels of SNS', () => {
  it('are those that reach the patient, and nobody is asked about an address that is not there', async () => {
    expect(await channels.reachable('p-1', both)).toEqual(['sms', 'email']);
    expect(await channels.reachable('p-1', { preferred: 'none' })).toEqual([]);
    sns.on(CheckIfPhoneNumberIsOptedOutCommand).resolves({ isOptedOut: true });
    expect(await channels.reachable('p-1', both)).toEqual(['email']);
    expect(sns.commandCalls(CheckIfPhoneNumberIsOptedOutCommand)).toHaveLength(2);
  });

  it('ask an address to be confirmed only where the patient prefers e-mail', async () => {
    sns.on(ListSubscriptionsByTopicCommand).rejects(new NotFoundException({ message: '', $metadata: {} }));
    sns.on(CreateTopicCommand).resolves({ TopicArn: 'arn:topic' });
    await channels.reachable('p-1', both);
    expect(sns.commandCalls(SubscribeCommand)).toHaveLength(0);
    await channels.reachable('p-1', { ...both, preferred: 'email' });
    expect(sns.commandCalls(SubscribeCommand)).toHaveLength(1);
  });

  it('carry the body by SMS, subject and body by e-mail, and nothing to an address that is not there', async () => {
    expect(await channels.send('p-1', 'sms', both, message)).toEqual({ outcome: 'accepted' });
    expect(await channels.send('p-1', 'email', both, message)).toEqual({ outcome: 'accepted' });
    expect(sns.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toMatchObject([
      { PhoneNumber: both.sms, Message: message.body },
      { Subject: message.subject, Message: message.body },
    ]);
    const nowhere = await channels.send('p-1', 'sms', { preferred: 'none' }, message);
    expect(nowhere).toEqual({ outcome: 'refused', reason: 'invalid-address' });
    expect(sns.commandCalls(PublishCommand)).toHaveLength(2);
  });
});

describe('the channels in memory', () => {
  it('do as those of SNS do', async () => {
    const memory = new MemoryReminderChannels();
    memory.optedOut.add('+12025550123');
    memory.unconfirmed.add('q@example.org');
    expect(await memory.reachable('p-1', both)).toEqual(['email']);
    const refused = (reason: string) => ({ outcome: 'refused', reason });
    expect(await memory.send('p-1', 'sms', both, message)).toEqual(refused('opted-out'));
    const other: Contact = { preferred: 'email', email: 'q@example.org' };
    expect(await memory.send('p-1', 'email', other, message)).toEqual(refused('no-subscription'));
    expect(await memory.send('p-1', 'sms', other, message)).toEqual(refused('invalid-address'));
    expect(await memory.send('p-1', 'email', both, message)).toEqual({ outcome: 'accepted' });
    expect(memory.sent).toEqual([{ patient: 'p-1', channel: 'email', address: both.email, ...message }]);
  });
});

describe('turns', () => {
  it('come the first at once and each later one after its time, in the order of asking', async () => {
    const slept: number[] = [];
    const wake: (() => void)[] = [];
    const turn = turns(4, (milliseconds) => {
      slept.push(milliseconds);
      return new Promise<void>((resolve) => wake.push(resolve));
    });
    const came: string[] = [];
    const all = ['a', 'b', 'c'].map(async (name) => {
      await turn();
      came.push(name);
    });
    await all[0];
    expect([came, slept]).toEqual([['a'], [250]]);
    wake[0]?.();
    await all[1];
    expect([came, slept]).toEqual([
      ['a', 'b'],
      [250, 250],
    ]);
    wake[1]?.();
    await all[2];
    expect(came).toEqual(['a', 'b', 'c']);
  });
});
