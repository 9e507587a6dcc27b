import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { asCloudEvent } from '../../bin/event-docs.ts';
import { mostEvents } from '../../functions/domain/event-batch.ts';
import { instantAt } from '../../functions/domain/instant.ts';
import { until } from '../emulator/poll.ts';
import { type Deployed, deployed } from './deployed.ts';

let stack: Deployed;
let address: string;
let token: string;

const one = 'application/cloudevents+json';
const many = 'application/cloudevents-batch+json';
const start = Date.UTC(2026, 1, 2, 9);

/** Calls Cognito as its SDK does; the emulator looks at no signature. */
async function cognito(operation: string, input: object): Promise<Record<string, Record<string, string>>> {
  const answer = await fetch(stack.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260302/eu-north-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, Record<string, string>>;
}

/** A token as a server gets one with its id and secret. */
async function tokenOf(ClientId: string): Promise<string> {
  const UserPoolId = stack.output('VendorPoolId');
  const { UserPoolClient } = await cognito('DescribeUserPoolClient', { UserPoolId, ClientId });
  const secret = Buffer.from(`${ClientId}:${UserPoolClient?.['ClientSecret']}`).toString('base64');
  const answer = await fetch(`${stack.endpoint}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${secret}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  const { access_token: granted } = (await answer.json()) as { access_token?: string };
  if (granted === undefined) throw new Error(`no token: ${answer.status}`);
  return granted;
}

beforeAll(async () => {
  stack = deployed();
  address = `${stack.endpoint}/_aws/execute-api/${stack.output('ApiId')}/$default/events`;
  token = await tokenOf(stack.output('VendorClientId'));
});

interface Answered {
  readonly status: number;
  readonly body: {
    readonly results?: readonly { status: string; id?: string; setAside?: boolean; faults?: readonly object[] }[];
    readonly message?: string;
    readonly setAside?: boolean;
    readonly faults?: readonly { path: string; message: string }[];
  };
}

async function post(
  body: string,
  { contentType = one, authorization = `Bearer ${token}` as string | null } = {},
): Promise<Answered> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': contentType, ...(authorization === null ? {} : { authorization }) },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Answered['body'] };
}

const used = (patient: string, number: number) =>
  asCloudEvent({
    id: `${patient}-ev-${number}`,
    type: 'PatientActive',
    occurredAt: instantAt(start + number * 3_600_000),
    patient,
    data: { kind: 'use', minutes: number },
  });

const patientOf = async (vendorId: string) => stack.patients.load(await stack.pseudonyms.patient(vendorId));

async function waitingEvents(): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({
    QueueUrl: stack.output('EventsQueueUrl'),
    AttributeNames: [...names],
  });
  const { Attributes } = await new SQSClient({}).send(command);
  return names.reduce((sum, name) => sum + Number(Attributes?.[name]), 0);
}

const setAsideCount = async () => (await stack.setAsides.list()).length;

describe("the vendor's door, deployed", () => {
  it('takes one event, and the same again without a second effect', async () => {
    const event = JSON.stringify(used('door-single', 1));
    expect(await post(event)).toEqual({
      status: 202,
      body: { results: [{ id: 'door-single-ev-1', status: 'accepted' }] },
    });
    expect((await post(event)).status).toBe(202);
    expect((await post(JSON.stringify(used('door-single', 2)))).status).toBe(202);
    await until('both', async () => (await patientOf('door-single')).state.events === 2);
  });

  it('sets aside what it refuses, says where it is wrong, and raises the alert of an answer in it', async () => {
    const before = await setAsideCount();
    const refused = {
      ...used('door-refused', 1),
      type: 'QuestionnaireSubmitted',
      data: { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] },
      remark: 'no attribute',
    };
    expect(await post(JSON.stringify(refused))).toEqual({
      status: 400,
      body: {
        message: 'the event was refused',
        setAside: true,
        faults: [{ path: 'remark', message: 'is not a known field: leave it out' }],
      },
    });
    const mixed = await post(JSON.stringify([used('door-mixed', 1), { ...used('door-mixed', 2), time: 'x' }, 7]), {
      contentType: many,
    });
    expect(mixed).toMatchObject({
      status: 202,
      body: {
        results: [
          { status: 'accepted' },
          { status: 'refused', setAside: true, faults: [{ path: 'time' }] },
          { status: 'refused', setAside: false },
        ],
      },
    });
    await until('both to be set aside', async () => (await setAsideCount()) === before + 2);
    const [alert] = await until('the alert', async () => {
      const { alerts } = await patientOf('door-refused');
      return alerts.length > 0 && alerts;
    });
    expect(alert).toMatchObject({ cause: 'safety', tier: 'urgent', status: 'open' });
    await until('the whole one', async () => (await patientOf('door-mixed')).state.events === 1);
  });

  describe('refuses, with nothing stored,', () => {
    /** Nothing has come through from this test when what was sent after it has. */
    async function nothingStored(of: string, act: () => Promise<void>) {
      const before = await setAsideCount();
      await act();
      expect((await post(JSON.stringify(used(`after-${of}`, 1)))).status).toBe(202);
      await until('what came after', async () => (await patientOf(`after-${of}`)).state.events === 1);
      expect(await setAsideCount()).toBe(before);
      expect((await patientOf(of)).version).toBe(0);
    }
    const whole = (patient: string) => JSON.stringify(used(patient, 1));

    it.each([
      ['no JSON', 400, '{"id":', one],
      ['no CloudEvent', 400, '{"hello":"secret-word"}', one],
      ['a list sent as one', 400, '[]', one],
      ['more than 256 KiB', 413, `"${'x'.repeat(300_000)}"`, one],
      ['an event of more than 128 KiB', 413, JSON.stringify({ ...used('door-bad', 1), x: 'x'.repeat(140_000) }), one],
      ['more than 100 events', 413, JSON.stringify(Array.from({ length: mostEvents + 1 }, () => 1)), many],
      ['another content-type', 415, whole('door-bad'), 'text/plain'],
      ['binary mode', 415, whole('door-bad'), 'application/json'],
    ])('%s with %i', async (_, status, body, contentType) => {
      await nothingStored('door-bad', async () => {
        const answer = await post(body, { contentType });
        expect(answer.status).toBe(status);
        expect(answer.body.setAside).toBe(false);
        expect(JSON.stringify(answer.body)).not.toContain('secret-word');
      });
    });

    it('a request without a token, with a forged one, or with one of another kind with 401', async () => {
      await nothingStored('door-foreign', async () => {
        const [header = '', payload = '', signature = ''] = token.split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
        const other = (changes: object) =>
          [header, Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url'), signature].join('.');
        const bearers = [
          null,
          '',
          'Bearer',
          'Bearer x',
          'Basic dGVzdDp0ZXN0',
          `Bearer ${other({ exp: 4_000_000_000 })}`,
          `Bearer ${header}.${payload}.`,
        ];
        for (const authorization of bearers)
          expect([authorization, (await post(whole('door-foreign'), { authorization })).status]).toEqual([
            authorization,
            401,
          ]);
      });
    });

    it('a token of another client with 401, and one that may not send events with 403', async () => {
      await nothingStored('door-scope', async () => {
        const UserPoolId = stack.output('VendorPoolId');
        const scope = { ScopeName: 'read', ScopeDescription: 'something else' };
        await cognito('CreateResourceServer', { UserPoolId, Identifier: 'other', Name: 'other', Scopes: [scope] });
        const flow = { AllowedOAuthFlows: ['client_credentials'], AllowedOAuthFlowsUserPoolClient: true };
        const { UserPoolClient } = await cognito('CreateUserPoolClient', {
          UserPoolId,
          ClientName: 'stranger',
          GenerateSecret: true,
          AllowedOAuthScopes: ['events/write'],
          ...flow,
        });
        const stranger = await tokenOf(UserPoolClient?.['ClientId'] ?? '');
        expect((await post(whole('door-scope'), { authorization: `Bearer ${stranger}` })).status).toBe(401);

        const ClientId = stack.output('VendorClientId');
        const allow = (scopes: string[]) =>
          cognito('UpdateUserPoolClient', { UserPoolId, ClientId, AllowedOAuthScopes: scopes, ...flow });
        await allow(['other/read']);
        try {
          const narrow = await tokenOf(ClientId);
          expect((await post(whole('door-scope'), { authorization: `Bearer ${narrow}` })).status).toBe(403);
        } finally {
          await allow(['events/write']);
        }
      });
    });
  });

  it('gives 1,000 events, each sent twice by 8 parallel clients in shuffled order, exactly one effect each', async () => {
    const before = await setAsideCount();
    const patients = Array.from({ length: 20 }, (_, index) => `door-${index}`);
    const events = patients.flatMap((patient) => Array.from({ length: 50 }, (_, number) => used(patient, number)));
    const twice = [...events, ...events];
    const [deliveries = []] = fc.sample(
      fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length }),
      { numRuns: 1, seed: 7 },
    );
    const requests = Array.from({ length: 40 }, (_, place) => deliveries.slice(place * 50, place * 50 + 50));
    const client = async () => {
      for (let next = requests.pop(); next !== undefined; next = requests.pop()) {
        const request = next;
        // As docs/events.md asks: whoever gets an answer from 500 on sends the same again.
        const { status, body } = await until('an answer', async () => {
          const answer = await post(JSON.stringify(request), { contentType: many });
          return answer.status < 500 && answer;
        });
        expect(status).toBe(202);
        expect(body.results).toEqual(request.map(({ id }) => ({ id, status: 'accepted' })));
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));

    // Whatever comes twice, too, has been looked at when nothing waits any more.
    await until('every event to be taken', async () => (await waitingEvents()) === 0, { limitSeconds: 800 });
    for (const patient of patients) {
      const { id, version, state } = await patientOf(patient);
      expect([patient, state.events, version]).toEqual([patient, 50, 50]);
      expect(await stack.audit.stored(id)).toHaveLength(50);
    }
    expect(await setAsideCount()).toBe(before);
  }, 900_000);
});
