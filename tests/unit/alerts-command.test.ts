import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerAlert } from '../../bin/alert-answers.ts';
import { inWords, outcomeOf } from '../../bin/commands/alerts.ts';
import { confirm, subscribe } from '../../bin/commands/staff.ts';
import { type MemoryStore, memoryStore } from '../../functions/adapters/memory/store.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import type { AlertTrigger } from '../../functions/domain/alert-lifecycle.ts';
import { decideEvent } from '../../functions/domain/decide.ts';
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { exampleClinic as clinic } from '../example-clinic.ts';

const now = '2026-03-02T10:00:00.000Z';
const person = { by: 's-1', enteredBy: 'it', source: 'command line' };
let store: MemoryStore;
let alertId: string;

beforeEach(async () => {
  store = memoryStore();
  const patient = await store.patients.load('p-1');
  const event: ClinicalEvent = {
    id: 'ev-1',
    type: 'QuestionnaireSubmitted',
    occurredAt: now,
    patient: 'v-1',
    data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] },
  };
  const change = decideEvent(patient, event, null, clinic, now);
  await store.patients.commit(patient, change);
  alertId = change.changedAlerts[0]?.id ?? '';
});

const tell = (trigger: AlertTrigger, id = alertId) =>
  answerAlert({ ...store, clinic, pause: () => Promise.resolve() }, id, trigger, now);
const records = () =>
  store.auditRecords('p-1').map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>);

describe('tandem alerts', () => {
  it('shows what the alert rests on to a person on its list, and records the look and who typed', async () => {
    const seen = await tell({ kind: 'seen', ...person });
    expect(inWords(seen, 'UTC')).toContain('Mar 2, 2026, 10:00 AM UTC: phq-9, safety item: 3 (never asked before)');
    expect(inWords(seen, 'UTC')).toContain('open, version 1');
    expect(inWords(seen, 'UTC')).not.toMatch(/\d{4}-\d{2}-\d{2}T/);
    expect(records().at(-1)).toMatchObject({
      action: 'alert.view',
      agent: { who: 's-1' },
      source: 'command line',
      detail: { enteredBy: 'it' },
    });
  });

  it('shows nothing of it to anybody else, and records the refusal', async () => {
    const seen = await tell({ kind: 'seen', ...person, by: 'c-1' });
    expect(seen).toEqual({ result: 'refused-person', reason: 'not on the list of this alert', alert: null });
    expect(inWords(seen, 'UTC')).not.toContain('phq-9');
    expect(records().at(-1)).toMatchObject({ action: 'alert.view', outcome: 'refused' });
  });

  it('refuses an answer to a version that has passed, and answers the one that was read (E03)', async () => {
    expect(await tell({ kind: 'acknowledge', ...person, version: 9 })).toMatchObject({ result: 'refused-version' });
    expect(await tell({ kind: 'acknowledge', ...person, version: 1 })).toMatchObject({
      result: 'done',
      alert: { status: 'acknowledged' },
    });
  });

  it('says and records that an answer came too late', async () => {
    await tell({ kind: 'resolve', ...person, version: 1, outcome: { code: 'reached' } });
    const late = await tell({ kind: 'acknowledge', ...person, version: 1 });
    expect(late).toEqual({ result: 'seen-late', reason: 'seen late: the alert had ended', alert: null });
    expect(records().at(-1)).toMatchObject({ action: 'alert.answer' });
  });

  it('refuses an id that no alert ever had', async () => {
    await expect(tell({ kind: 'seen', ...person }, 'a-unknown')).rejects.toThrow('npx tandem alerts list');
  });

  it('reads an outcome from its options, and names what is missing', () => {
    expect(outcomeOf({ outcome: 'reached' })).toEqual({ code: 'reached' });
    expect(outcomeOf({ outcome: 'referred' })).toEqual({ code: 'referred', disclosure: null });
    expect(outcomeOf({ outcome: 'referred', disclosedTo: 'A', disclosed: 'B', purpose: 'C' })).toEqual({
      code: 'referred',
      disclosure: { recipient: 'A', what: 'B', purpose: 'C' },
    });
    expect(outcomeOf({ outcome: 'not-reached', nextTry: '2026-03-02T15:00:00Z' })).toMatchObject({
      code: 'not-reached',
    });
    expect(() => outcomeOf({ outcome: 'no-action-needed' })).toThrow('why');
    expect(() => outcomeOf({ outcome: 'referred', disclosedTo: 'A' })).toThrow('disclosure.what');
    expect(() => outcomeOf({ outcome: 'reached', why: 'x' })).toThrow('--outcome');
    expect(() => outcomeOf({ outcome: 'nothing' })).toThrow('reached|not-reached');
  });
});

describe('tandem staff', () => {
  const client = new SNSClient({ region: 'eu-north-1' });
  const sns = mockClient(client);
  const prefix = 'arn:aws:sns:eu-north-1:000000000000:Tandem-local-staff-';
  const TopicArn = `${prefix}${staffTopicSuffix('t-7')}`;
  beforeEach(() => {
    sns.reset();
    sns.onAnyCommand().resolves({});
  });

  it('subscribes the address of escalation.yaml', async () => {
    await subscribe(client, prefix, clinic, 't-7');
    expect(sns.commandCalls(SubscribeCommand)[0]?.args[0].input).toEqual({
      TopicArn,
      Protocol: 'email',
      Endpoint: 't-7@example.org',
    });
  });

  it.each(['token-1', `https://sns.eu-north-1.amazonaws.com/confirmation.html?TopicArn=${TopicArn}&Token=token-1`])(
    'P15: confirms so that unsubscribing asks for a sign-in: %s',
    async (link) => {
      await confirm(client, prefix, clinic, 't-7', link);
      expect(sns.commandCalls(ConfirmSubscriptionCommand)[0]?.args[0].input).toEqual({
        TopicArn,
        Token: 'token-1',
        AuthenticateOnUnsubscribe: 'true',
      });
    },
  );

  it('refuses a link without a token, of another person’s topic, and a person who is not on the list', async () => {
    await expect(confirm(client, prefix, clinic, 't-7', 'https://example.org/')).rejects.toThrow('has no token');
    const other = `https://example.org/?TopicArn=${prefix}x&Token=1`;
    await expect(confirm(client, prefix, clinic, 't-7', other)).rejects.toThrow('this link is not for t-7');
    await expect(subscribe(client, prefix, clinic, 'nobody')).rejects.toThrow('no staff id nobody');
    expect(sns.calls()).toEqual([]);
  });
});
