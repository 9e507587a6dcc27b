import { beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode, failed, headers } from '../../functions/alert-api/answer.ts';
import type { AlertApiPorts } from '../../functions/alert-api/ports.ts';
import { alertsOfRecord } from '../../functions/alert-api/records.ts';
import { type ApiRequest, largestBodyBytes } from '../../functions/alert-api/request.ts';
import { respond } from '../../functions/alert-api/respond.ts';
import type { AuditEntry } from '../../functions/domain/audit-chain.ts';
import { largestRecordBytes } from '../../functions/domain/audit-chain.ts';
import { canonicalText } from '../../functions/domain/canonical.ts';
import { clinic, Desk, noPause } from '../alert-desk.ts';

const idOf = (number: number) => `a-${String(number).padStart(26, '0')}`;
const [first, second] = [idOf(1), idOf(2)];
const patientOf = (id: string) => `p-${id}`;
const staff = {
  therapist: { staff: 't-7', roles: ['therapist'] },
  another: { staff: 't-8', roles: ['therapist'] },
  supervisor: { staff: 's-1', roles: ['supervisor'] },
  compliance: { staff: 'c-1', roles: ['compliance'] },
  operator: { staff: 'o-1', roles: ['operator'] },
  stranger: { staff: 'x-9', roles: ['supervisor'] },
};

let desk: Desk;
let notes: AuditEntry[];
let failures: unknown[];

beforeEach(async () => {
  desk = new Desk();
  notes = [];
  failures = [];
  await desk.open(first, 'alert');
  await desk.open(second, 'urgent');
});

function ports(change: Partial<AlertApiPorts> = {}): AlertApiPorts {
  return {
    patients: desk.store.patients,
    alertIndex: desk.store.alertIndex,
    journal: {
      note: async (_id, entry) => {
        notes.push(entry);
      },
    },
    clinic,
    signIn: { issuer: 'https://login.example.org', clientId: 'page', scope: 'openid' },
    pause: noPause,
    now: () => desk.now,
    newId: () => 'an-id',
    onFailure: (error) => failures.push(error),
    ...change,
  };
}

function request(route: string, signedIn: ApiRequest['signedIn'], change: Partial<ApiRequest> = {}): ApiRequest {
  return {
    route,
    alertId: undefined,
    contentType: 'application/json',
    body: undefined,
    isBase64Encoded: false,
    from: '203.0.113.7',
    signedIn,
    ...change,
  };
}

const show = (alertId: string, who: ApiRequest['signedIn']) =>
  respond(ports(), request('GET /api/alerts/{id}', who, { alertId }));

const say = (kind: string, who: ApiRequest['signedIn'], body: unknown, change: Partial<ApiRequest> = {}) =>
  respond(
    ports(),
    request(`POST /api/alerts/{id}/${kind}`, who, { alertId: first, body: JSON.stringify(body), ...change }),
  );

/** The patient's own audit after the alert was opened, newest last. */
function auditOf(alertId: string): { action: string; outcome: string; agent: { who: string }; source: string }[] {
  return desk.store
    .auditRecords(patientOf(alertId))
    .slice(1)
    .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
}

const refusal = (error: ErrorCode) => failed(error);

describe('without a token', () => {
  it('the page learns where to sign in, and after how long it forgets', async () => {
    expect(await respond(ports(), request('GET /api/config', undefined))).toEqual({
      status: 200,
      body: { issuer: 'https://login.example.org', clientId: 'page', scope: 'openid', idleMinutes: 15 },
    });
  });

  it.each([
    'GET /api/me',
    'GET /api/alerts',
    'GET /api/alerts/{id}',
    'POST /api/alerts/{id}/acknowledge',
    'POST /api/alerts/{id}/snooze',
    'POST /api/alerts/{id}/resolve',
  ])('%s is refused, should the check in front of it ever be left out', async (route) => {
    const body = '{"version":1}';
    expect(await respond(ports(), request(route, undefined, { alertId: first, body }))).toEqual(refusal('signed-out'));
    expect((await desk.alert(first))?.acknowledgedBy).toEqual([]);
  });
});

describe('a signed-in person', () => {
  it('learns who they are, by what both the sign-in and the staff list say', async () => {
    expect((await respond(ports(), request('GET /api/me', staff.therapist))).body).toEqual(staff.therapist);
    expect((await respond(ports(), request('GET /api/me', staff.stranger))).body).toEqual({ staff: 'x-9', roles: [] });
  });

  it('finds nothing under another route', async () => {
    expect(await respond(ports(), request('DELETE /api/alerts/{id}', staff.supervisor))).toEqual(refusal('unknown'));
  });
});

describe('the list', () => {
  const list = (who: ApiRequest['signedIn'], change = {}) => respond(ports(change), request('GET /api/alerts', who));
  const idsIn = ({ body }: { body: object }) => (body as { alerts: { id: string }[] }).alerts.map(({ id }) => id);

  it('holds what concerns this person, urgent first, and one record says what was shown to whom, from where', async () => {
    expect(idsIn(await list(staff.therapist))).toEqual([second, first]);
    expect(notes).toMatchObject([
      {
        action: 'alert.list',
        agent: { who: 't-7', role: 'therapist' },
        source: 'portal 203.0.113.7',
        outcome: 'success',
        changed: false,
        detail: {
          part: 1,
          alerts: [
            { alert: second, patient: patientOf(second) },
            { alert: first, patient: patientOf(first) },
          ],
        },
      },
    ]);
  });

  it('is empty for another therapist, which stands in the audit, too', async () => {
    expect(await list(staff.another)).toEqual({ status: 200, body: { alerts: [], unreadable: 0 } });
    expect(notes).toMatchObject([{ outcome: 'success', detail: { alerts: [] } }]);
  });

  it('shows a supervisor all, and an operator that they are there and nothing of a patient', async () => {
    expect(idsIn(await list(staff.supervisor))).toEqual([second, first]);
    const { body } = await list(staff.operator);
    expect(idsIn({ body })).toEqual([second, first]);
    for (const secret of ['safety', patientOf(first)]) expect(JSON.stringify(body)).not.toContain(secret);
  });

  it.each([
    ['who answers for the audit', staff.compliance],
    ['who is not on the staff list', staff.stranger],
  ])('is not for %s, and the attempt stands in the audit', async (_, who) => {
    expect(await list(who)).toEqual(refusal('role'));
    expect(notes).toMatchObject([{ action: 'alert.list', outcome: 'refused', agent: { who: who.staff } }]);
  });

  it('of a hundred and thirty alerts is recorded in as many records as it takes, none too large', async () => {
    for (let number = 3; number <= 130; number += 1) await desk.open(idOf(number), 'list');
    expect(idsIn(await list(staff.supervisor))).toHaveLength(130);
    expect(notes.map(({ detail }) => (detail['alerts'] as unknown[]).length)).toEqual([
      alertsOfRecord,
      alertsOfRecord,
      10,
    ]);
    expect(notes.map(({ detail }) => detail['part'])).toEqual([1, 2, 3]);
    for (const note of notes) expect(canonicalText(note).length).toBeLessThan(largestRecordBytes - 500);
  });

  it('goes on where one patient’s record cannot be read, and says so', async () => {
    const patients = Object.assign(Object.create(desk.store.patients) as typeof desk.store.patients, {
      load: (id: string) =>
        id === patientOf(second) ? Promise.reject(new Error('erased')) : desk.store.patients.load(id),
    });
    const answer = await list(staff.supervisor, { patients });
    expect(idsIn(answer)).toEqual([first]);
    expect(answer.body).toMatchObject({ unreadable: 1 });
    expect(failures).toMatchObject([{ message: 'erased' }]);
  });

  it('reads every page of the index', async () => {
    const { alertIndex } = desk.store;
    const due: typeof alertIndex.due = async (tier, until, cursor) => {
      const { places } = await alertIndex.due(tier, until, null);
      const at = Number(cursor ?? 0);
      return { places: places.slice(at, at + 1), cursor: at + 1 < places.length ? String(at + 1) : null };
    };
    await desk.open(idOf(3), 'urgent');
    expect(idsIn(await list(staff.supervisor, { alertIndex: { ...alertIndex, due } }))).toHaveLength(3);
  });
});

describe('one alert', () => {
  it('E12: is shown as often as somebody looks, and stands as it stood; every look is in the patient’s own audit', async () => {
    const before = await desk.alert(first);
    for (let time = 0; time < 3; time += 1) expect((await show(first, staff.therapist)).status).toBe(200);
    expect(await desk.alert(first)).toEqual(before);
    expect(auditOf(first)).toMatchObject(
      [1, 2, 3].map(() => ({
        action: 'alert.view',
        outcome: 'success',
        agent: { who: 't-7', role: 'therapist' },
        source: 'portal 203.0.113.7',
        changed: false,
      })),
    );
  });

  it('is shown with why, what to do and how to end it', async () => {
    const { body } = await show(second, staff.supervisor);
    expect(body).toMatchObject({
      alert: { id: second, tier: 'urgent', cause: 'safety', version: 1 },
      patient: { id: patientOf(second), therapist: 't-7', programmeId: null },
      snooze: { allowed: false },
    });
  });

  it('names the patient as the programme’s own events do', async () => {
    const history = async () => [{ patient: 'vendor-1' } as never];
    const patients = Object.assign(Object.create(desk.store.patients) as typeof desk.store.patients, {
      load: desk.store.patients.load.bind(desk.store.patients),
      commit: desk.store.patients.commit.bind(desk.store.patients),
      history,
    });
    const asked = request('GET /api/alerts/{id}', staff.therapist, { alertId: first });
    expect((await respond(ports({ patients }), asked)).body).toMatchObject({ patient: { programmeId: 'vendor-1' } });
  });

  it('that this person may not know of is not there: the same words as for one that never was', async () => {
    const foreign = await show(first, staff.another);
    const unknown = await show(idOf(99), staff.another);
    expect(foreign).toEqual(refusal('unknown'));
    expect(unknown).toEqual(foreign);
    expect(auditOf(first)).toMatchObject([{ action: 'alert.view', outcome: 'refused', agent: { who: 't-8' } }]);
    expect(notes).toMatchObject([{ outcome: 'refused', detail: { alert: idOf(99) } }]);
  });

  it.each(['', 'a-1', '<script>', `${idOf(1)}'`])(
    'of the id %j is not there, and the audit does not repeat it',
    async (id) => {
      expect(await show(id, staff.supervisor)).toEqual(refusal('unknown'));
      expect(notes).toMatchObject([{ action: 'alert.view', outcome: 'refused', detail: {} }]);
      expect(notes[0]?.detail).toEqual({});
    },
  );

  it.each([
    ['an operator', staff.operator],
    ['who answers for the audit', staff.compliance],
    ['who is not on the staff list', staff.stranger],
  ])('is not for %s', async (_, who) => {
    expect(await show(first, who)).toEqual(refusal('role'));
    expect(await say('acknowledge', who, { version: 1 })).toEqual(refusal('role'));
    expect(notes.map(({ action, outcome, agent }) => [action, outcome, agent.who])).toEqual([
      ['alert.view', 'refused', who.staff],
      ['alert.acknowledge', 'refused', who.staff],
    ]);
    expect(auditOf(first)).toEqual([]);
  });

  it('that has ended says so to whom it concerned, and is not there for anybody else', async () => {
    await say('resolve', staff.therapist, { version: 1, outcome: { code: 'reached' } });
    expect(await show(first, staff.therapist)).toEqual(refusal('ended'));
    expect(await show(first, staff.another)).toEqual(refusal('unknown'));
  });
});

describe('an answer', () => {
  it('acknowledges, is recorded with its person and source, and once more changes nothing', async () => {
    const answer = await say('acknowledge', staff.therapist, { version: 1 });
    expect(answer).toMatchObject({
      status: 200,
      body: { result: 'done', alert: { id: first, status: 'acknowledged', acknowledgedBy: ['t-7'] } },
    });
    expect(auditOf(first)).toMatchObject([
      { action: 'alert.acknowledge', outcome: 'success', agent: { who: 't-7' }, source: 'portal 203.0.113.7' },
    ]);
    expect(await say('acknowledge', staff.therapist, { version: 1 })).toMatchObject({
      status: 200,
      body: { result: 'done', reason: 'nothing left to do', alert: { status: 'acknowledged' } },
    });
    expect(auditOf(first)).toHaveLength(1);
  });

  it('to what somebody has taken on is seen late', async () => {
    await say('acknowledge', staff.therapist, { version: 1 });
    expect(await say('acknowledge', staff.supervisor, { version: 1 })).toMatchObject({
      status: 409,
      body: { result: 'seen-late', alert: { acknowledgedBy: ['t-7'] } },
    });
  });

  it('to what has changed since it was read is stale', async () => {
    expect(await say('resolve', staff.therapist, { version: 2, outcome: { code: 'reached' } })).toMatchObject({
      status: 409,
      body: { result: 'stale', alert: { version: 1 } },
    });
    expect(await desk.alert(first)).toMatchObject({ status: 'open' });
  });

  it('puts off what may be put off, and is refused for what is urgent', async () => {
    const body = { version: 1, until: '2026-03-02T15:00:00Z', reason: 'in-contact' };
    expect(await say('snooze', staff.therapist, body)).toMatchObject({
      status: 200,
      body: { alert: { status: 'snoozed', snoozedUntil: '2026-03-02T15:00:00.000Z' } },
    });
    expect(await say('snooze', staff.therapist, body, { alertId: second })).toMatchObject({
      status: 409,
      body: { result: 'refused', reason: 'what is urgent cannot be put off' },
    });
  });

  it('with an outcome ends the alert', async () => {
    expect(await say('resolve', staff.therapist, { version: 1, outcome: { code: 'reached' } })).toMatchObject({
      status: 200,
      body: { result: 'done', alert: null },
    });
    expect(await desk.alert(first)).toBeUndefined();
    expect(await say('acknowledge', staff.therapist, { version: 1 })).toMatchObject({
      status: 409,
      body: { result: 'seen-late', alert: null },
    });
  });

  it('about another therapist’s patient is not taken', async () => {
    expect(await say('acknowledge', staff.another, { version: 1 })).toEqual(refusal('unknown'));
    expect(auditOf(first)).toMatchObject([{ action: 'alert.acknowledge', outcome: 'refused', agent: { who: 't-8' } }]);
    expect(await desk.alert(first)).toMatchObject({ status: 'open', acknowledgedBy: [] });
  });

  it('that meets another writer is decided again', async () => {
    let met = false;
    const patients = Object.assign(Object.create(desk.store.patients) as typeof desk.store.patients, {
      history: desk.store.patients.history.bind(desk.store.patients),
      commit: desk.store.patients.commit.bind(desk.store.patients),
      load: async (id: string) => {
        const loaded = await desk.store.patients.load(id);
        if (!met) {
          met = true;
          await desk.tell(first, { kind: 'acknowledge', by: 's-1', version: 1, source: 'portal' });
        }
        return loaded;
      },
    });
    const asked = request('POST /api/alerts/{id}/acknowledge', staff.therapist, {
      alertId: first,
      body: '{"version":1}',
    });
    expect((await respond(ports({ patients }), asked)).body).toMatchObject({ result: 'seen-late' });
  });
});

describe('a body that cannot be taken', () => {
  const outcomes =
    'write one of reached, not-reached, plan-adapted, live-session-booked, referred, known-and-planned, no-action-needed';

  it.each([
    ['acknowledge', {}, [['version', 'write the version that was read']]],
    ['acknowledge', { version: 0 }, [['version', 'write the version that was read']]],
    ['acknowledge', { version: '1' }, [['version', 'write the version that was read']]],
    ['acknowledge', { version: 1, note: 'Qvx' }, [['note', 'is not a known field: leave it out']]],
    ['acknowledge', [], [['', 'write an object in braces']]],
    ['snooze', { version: 1, until: 'tomorrow', reason: 'in-contact' }, [['until', expect.any(String)]]],
    [
      'snooze',
      { version: 1, until: '2026-03-02T15:00:00Z', reason: 'Qvx' },
      [['reason', 'write one of in-contact, session-booked, waiting-for-information, more-urgent-first']],
    ],
    ['resolve', { version: 1, outcome: { code: 'Qvx' } }, [['outcome.code', outcomes]]],
    ['resolve', { version: 1, outcome: { code: 'not-reached' } }, [['outcome.nextTry', expect.any(String)]]],
    [
      'resolve',
      { version: 1, outcome: { code: 'reached', why: 'Qvx' } },
      [['outcome.why', 'is not a known field: leave it out']],
    ],
  ] as const)('%s %j says where and what instead, and quotes nothing', async (kind, body, faults) => {
    const answer = await say(kind, staff.therapist, body);
    expect(answer).toMatchObject({ status: 400, body: { error: 'malformed' } });
    expect(answer.body).toMatchObject({ faults: faults.map(([where, what]) => ({ where, what })) });
    expect(JSON.stringify(answer.body)).not.toContain('Qvx');
    expect(await desk.alert(first)).toMatchObject({ status: 'open', version: 1 });
  });

  it.each([
    ['no body at all', { body: undefined }],
    ['half a document', { body: '{"version":' }],
    ['another content type', { body: '{"version":1}', contentType: 'text/plain' }],
    ['no content type', { body: '{"version":1}', contentType: undefined }],
  ])('is %s', async (_, change) => {
    expect(await say('acknowledge', staff.therapist, {}, change)).toMatchObject({
      status: 400,
      body: { error: 'malformed', faults: [{ where: '', what: expect.stringContaining('is no JSON') }] },
    });
  });

  it('is larger than an answer can be, however it is written', async () => {
    const body = `{"version":1${' '.repeat(largestBodyBytes)}}`;
    expect(await say('acknowledge', staff.therapist, {}, { body })).toEqual(refusal('too-large'));
    const inBase64 = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
    expect(await say('acknowledge', staff.therapist, {}, inBase64)).toEqual(refusal('too-large'));
  });

  it('is none in base64, where that holds a good one', async () => {
    const body = Buffer.from('{"version":1}').toString('base64');
    const contentType = 'application/json; charset=utf-8';
    expect(await say('acknowledge', staff.therapist, {}, { body, contentType, isBase64Encoded: true })).toMatchObject({
      status: 200,
    });
  });
});

describe('every answer', () => {
  it('is kept by nobody and shown by no browser as a page', () => {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'strict-transport-security': expect.stringContaining('max-age=63072000'),
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
