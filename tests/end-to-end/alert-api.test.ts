import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployStacks, type Emulator, startEmulator, synthesize, workFolder } from '../../bin/emulator/emulator.ts';
import { systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { copyOfClinic } from '../clinic-copy.ts';
import { inboxOfStaff } from '../emulator/inbox.ts';
import { until } from '../emulator/poll.ts';
import { startIssuer, type TestIssuer, testAudience, testClient } from '../issuer.ts';
import { type Deployed, deployed, onBus } from './deployed.ts';

const vendorId = 'seed-patient-Laputa';
const anothers = 'seed-patient-Balnibarbi';
const clinic = copyOfClinic();

let issuer: TestIssuer;
let emulator: Emulator;
let stack: Deployed;
let base: string;
let sqs: SQSClient;
const inboxes: Record<string, string> = {};

beforeAll(async () => {
  issuer = await startIssuer();
  clinic.write(
    'clinic.yaml',
    `${clinic.read('clinic.yaml')}\nsignIn:\n  issuer: ${issuer.issuer}\n  audience: ${testAudience}\n  clientId: ${testClient}\n`,
  );
  // By configuration alone: the first step of what is urgent waits for a minute, and its therapist is there at any hour.
  clinic.write(
    'escalation.yaml',
    clinic
      .read('escalation.yaml')
      .replace('wait: { minutes: 30 }', 'wait: { minutes: 1 }')
      .replace('reachable: working-hours', 'reachable: always')
      .replace(/absences:[\s\S]*?cover: t-8\n/, 'absences: []\n'),
  );
  const assembly = join(workFolder, 'alert-api-assembly');
  await synthesize({ outDir: assembly, context: { stage: 'local', clinic: clinic.folder } });
  emulator = await startEmulator({
    logFile: join(workFolder, 'logs', 'alert-api.log'),
    auth: process.env['TANDEM_EMULATOR_AUTH'] === 'true',
  });
  const { endpoint } = emulator;
  const outputsFile = join(workFolder, 'logs', 'alert-api.outputs.json');
  stack = deployed({ endpoint, outputs: await deployStacks({ endpoint, assembly, outputsFile }) });
  base = `${endpoint}/_aws/execute-api/${stack.output('ApiId')}/$default`;
  sqs = new SQSClient({});
  for (const id of ['t-7', 's-1']) inboxes[id] = await inboxOfStaff(stack.output('StaffTopicPrefix'), [id]);
}, 600_000);

afterAll(async () => {
  await emulator?.stop();
  await issuer?.stop();
  clinic.remove();
});

async function sweep(): Promise<void> {
  const FunctionName = stack.output('AlertSweepFunction');
  await new LambdaClient({}).send(new InvokeCommand({ FunctionName, Payload: '{"step":"sweep"}' }));
}

/** The text of the next mail to this person, driven by sweeps. */
function nextMailOf(id: string): Promise<string> {
  return until(
    `the mail to ${id}`,
    async () => {
      await sweep();
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: inboxes[id], MaxNumberOfMessages: 1, WaitTimeSeconds: 1 }),
      );
      const [first] = Messages;
      return first?.Body !== undefined && (JSON.parse(first.Body) as { Message: string }).Message;
    },
    { limitSeconds: 110 },
  );
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the API's answers, as a client sees them
  readonly body: any;
}

async function ask(path: string, token?: string | null, request: RequestInit = {}): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (typeof token === 'string') headers['authorization'] = `Bearer ${token}`;
  const response = await fetch(`${base}${path}`, { headers, ...request });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const post = (path: string, token: string | null, body: object) =>
  ask(path, token, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
  });

const tokenOf = (sub: string, ...roles: string[]) => issuer.token({ sub, roles });

/** The audit of a chain in words. */
async function auditOf(chain: string): Promise<{ line: string; text: string }[]> {
  const records = await stack.audit.opened(chain);
  return records.map(({ bytes }) => {
    const text = new TextDecoder().decode(bytes);
    const { action, outcome, agent, reason } = JSON.parse(text) as {
      action: string;
      outcome: string;
      reason: string;
      agent: { who: string };
    };
    return { line: `${action} ${outcome} ${agent.who}: ${reason}`, text };
  });
}

async function systemAudit(): Promise<{ line: string; text: string }[]> {
  return (await Promise.all(systemChains.map(auditOf))).flat();
}

const event = (patient: string, number: number, type: string, data: unknown) =>
  onBus({
    id: `${patient}-event-${number}`,
    type,
    occurredAt: `2026-03-02T0${number}:00:00Z`,
    patient,
    data,
  } as never);

const urgentAnswers = (patient: string, therapist: string) => [
  event(patient, 1, 'PatientEnrolled', {
    programme: 'depression',
    track: 'therapist-supported',
    therapist,
    timeZone: 'America/New_York',
  }),
  event(patient, 2, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] }),
];

async function alertOf(patient: string): Promise<string> {
  const id = await stack.pseudonyms.patient(patient);
  const alert = await until('the alert', async () => (await stack.patients.load(id)).alerts[0]);
  return alert.id;
}

describe('an answer of 3 to item 9, and the page behind the sign-in', () => {
  let alertId: string;
  let foreignId: string;
  let mail: string;
  const current = async () => {
    const id = await stack.pseudonyms.patient(vendorId);
    return (await stack.patients.load(id)).alerts.find((one) => one.id === alertId);
  };

  it('the e-mail carries an opaque id and no credential', async () => {
    await stack.bus.put([...urgentAnswers(vendorId, 't-7'), ...urgentAnswers(anothers, 't-7')]);
    [alertId, foreignId] = [await alertOf(vendorId), await alertOf(anothers)];
    mail = await nextMailOf('t-7');
    expect(mail).toMatch(/Alert a-[0-9a-f]{26} /);
    expect(mail).not.toMatch(/token|code=|[?#]/i);
  });

  it('E12, E13: a mail scanner that opens the link again and again, with and without a body, changes nothing', async () => {
    const before = await current();
    for (let time = 0; time < 3; time += 1) expect((await ask(`/api/alerts/${alertId}`)).status).toBe(403);
    const head = await fetch(`${base}/api/alerts/${alertId}`, { method: 'HEAD' });
    expect(head.ok).toBe(false);
    const options = await fetch(`${base}/api/alerts/${alertId}/acknowledge`, { method: 'OPTIONS' });
    expect(options.headers.get('access-control-allow-origin')).not.toBe(base);
    expect(await current()).toMatchObject({ status: 'open', version: before?.version, acknowledgedBy: [] });
  });

  it('E12: somebody signed in who only looks acknowledges nothing either', async () => {
    const token = await tokenOf('t-7', 'therapist');
    for (let time = 0; time < 3; time += 1) {
      const { status, body } = await ask(`/api/alerts/${alertId}`, token);
      expect([status, body.alert.status, body.patient.programmeId]).toEqual([200, 'open', vendorId]);
      expect(body.why.join()).toContain('answer 3');
      expect(body.snooze).toEqual({ allowed: false, until: null });
    }
    expect(await current()).toMatchObject({ status: 'open', acknowledgedBy: [] });
  });

  it('nobody has answered in time: the supervisor gets the e-mail', async () => {
    expect(await nextMailOf('s-1')).toMatch(/Alert a-[0-9a-f]{26} /);
    expect((await current())?.status).toBe('open');
  });

  it('a bad token is refused, whatever is wrong with it, and stands in the audit with its reason and never itself', async () => {
    const stranger = await generateKeyPair('ES256', { extractable: true });
    const otherIssuer = await startIssuer();
    const secret = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
    const none = [{ alg: 'none' }, { iss: issuer.issuer, aud: testAudience, sub: 's-1', roles: ['supervisor'] }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const bad: [string, string | null][] = [
      ['no access token came with the request', null],
      ['the token has expired', await issuer.token({ sub: 's-1', roles: ['supervisor'] }, { expires: '-1m' })],
      ['the token is of another sign-in', await issuer.token({ sub: 's-1' }, { issuer: otherIssuer.issuer })],
      [
        'the token is signed with a key that is not the sign-in’s',
        await otherIssuer.token({ sub: 's-1' }, { keyId: 'key-9' }),
      ],
      ['the token’s signature is wrong', await issuer.token({ sub: 's-1' }, { key: stranger.privateKey })],
      [
        'the token is signed in a way that is not allowed',
        await issuer.token({ sub: 's-1' }, { key: secret, algorithm: 'HS256' }),
      ],
      ['the token is signed in a way that is not allowed', `${none}.`],
      ['the token is for something else', await issuer.token({ sub: 's-1' }, { audience: 'another' })],
      ['the token was given to another program', await issuer.token({ sub: 's-1', client_id: 'other' })],
      ['what came is no access token', 'Alert'],
    ];
    const version = (await current())?.version;
    for (const [, token] of bad)
      expect((await post(`/api/alerts/${alertId}/acknowledge`, token, { version })).status).toBe(403);
    await otherIssuer.stop();
    expect(await current()).toMatchObject({ status: 'open', acknowledgedBy: [] });
    const audit = await systemAudit();
    for (const [reason, token] of bad) {
      expect(audit.some(({ line }) => line.startsWith('sign-in.refuse refused') && line.includes(reason))).toBe(true);
      expect(audit.filter(({ text }) => token !== null && text.includes(token))).toEqual([]);
    }
    expect(audit.some(({ line }) => line === 'sign-in.refuse refused s-1: the token has expired')).toBe(true);
    expect(await exportJWK(stranger.publicKey)).toBeDefined();
  });

  it('another therapist’s alert is not there, for looking and for answering, and the attempt stands in the patient’s own audit', async () => {
    const token = await tokenOf('t-8', 'therapist');
    const version = (await current())?.version;
    expect(await ask('/api/alerts', token)).toMatchObject({ status: 200, body: { alerts: [] } });
    expect((await ask(`/api/alerts/${foreignId}`, token)).status).toBe(404);
    expect((await post(`/api/alerts/${foreignId}/acknowledge`, token, { version })).status).toBe(404);
    expect((await ask(`/api/alerts/a-${'0'.repeat(26)}`, token)).status).toBe(404);
    const audit = (await auditOf(await stack.pseudonyms.patient(anothers))).map(({ line }) => line);
    expect(audit.filter((line) => line.includes('t-8')).map((line) => line.split(':')[0])).toEqual([
      'alert.view refused t-8',
      'alert.acknowledge refused t-8',
    ]);
  });

  it('who answers for the audit sees no alert, an operator sees that there are some and nothing of a patient', async () => {
    expect((await ask('/api/alerts', await tokenOf('c-1', 'compliance'))).status).toBe(403);
    const operator = await tokenOf('o-1', 'operator');
    const { body } = await ask('/api/alerts', operator);
    expect(body.alerts).toHaveLength(2);
    for (const line of body.alerts) expect([line.cause, line.patient]).toEqual([null, null]);
    expect((await ask(`/api/alerts/${alertId}`, operator)).status).toBe(403);
  });

  it('the person’s own POST acknowledges and resolves it, and the audit is complete', async () => {
    const token = await tokenOf('s-1', 'supervisor');
    expect((await ask('/api/me', token)).body).toEqual({ staff: 's-1', roles: ['supervisor'] });
    const { body } = await ask(`/api/alerts/${alertId}`, token);
    const { version } = body.alert;
    const path = `/api/alerts/${alertId}`;
    expect((await post(`${path}/resolve`, token, { version, outcome: { code: 'nonsense' } })).body).toMatchObject({
      error: 'malformed',
      faults: [{ where: 'outcome.code', what: expect.stringContaining('write one of reached') }],
    });
    expect(await post(`${path}/acknowledge`, token, { version: version + 7 })).toMatchObject({
      status: 409,
      body: { result: 'stale' },
    });
    expect(
      await post(`${path}/snooze`, token, { version, until: '2030-01-01T00:00:00Z', reason: 'in-contact' }),
    ).toMatchObject({
      status: 409,
      body: { result: 'refused', reason: 'what is urgent cannot be put off' },
    });
    const acknowledged = await post(`${path}/acknowledge`, token, { version });
    expect(acknowledged).toMatchObject({
      status: 200,
      body: { result: 'done', alert: { status: 'acknowledged', acknowledgedBy: ['s-1'] } },
    });
    const resolved = await post(`${path}/resolve`, token, {
      version: acknowledged.body.alert.version,
      outcome: { code: 'reached' },
    });
    expect(resolved).toMatchObject({ status: 200, body: { result: 'done', alert: null } });
    expect(await post(`${path}/acknowledge`, await tokenOf('t-7', 'therapist'), { version })).toMatchObject({
      status: 409,
      body: { result: 'seen-late' },
    });
    expect((await ask(path, token)).status).toBe(410);

    const audit = await auditOf(await stack.pseudonyms.patient(vendorId));
    const byPeople = audit.filter(({ line }) => !line.includes(' tandem:') && line.startsWith('alert.'));
    expect(byPeople.map(({ line }) => line.split(':')[0])).toEqual([
      'alert.view success t-7',
      'alert.view success t-7',
      'alert.view success t-7',
      'alert.view success s-1',
      'alert.acknowledge refused s-1',
      'alert.snooze refused s-1',
      'alert.acknowledge success s-1',
      'alert.resolve success s-1',
      'alert.answer success t-7',
      'alert.answer success s-1',
    ]);
    for (const { text } of byPeople) expect(text).toContain('"source":"portal 127.0.0.1"');
    const lists = (await systemAudit()).filter(({ line }) => line.startsWith('alert.list'));
    expect(lists.map(({ line }) => String(line.split(':')[0])).toSorted()).toEqual([
      'alert.list refused c-1',
      'alert.list success o-1',
      'alert.list success t-8',
    ]);
  });

  it('the page learns where to sign in, and nothing else, without a token', async () => {
    expect(await ask('/api/config')).toEqual({
      status: 200,
      body: { issuer: issuer.issuer, clientId: testClient, scope: 'openid', idleMinutes: 15 },
    });
  });
});
