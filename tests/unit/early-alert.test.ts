import { describe, expect, it } from 'vitest';
import { MemoryAlertMail, MemoryOperators } from '../../functions/adapters/memory/alert-mail.ts';
import type { Operation } from '../../functions/adapters/memory/faults.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { mayBeUrgent } from '../../functions/domain/early-alert.ts';
import { mailOf } from '../../functions/domain/staff-mail.ts';
import { alertEarly } from '../../functions/event-intake/early-alert.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import { PatientErased } from '../../functions/ports/patients.ts';
import { exampleClinic as clinic } from '../example-clinic.ts';

// A Monday in working hours: the therapist t-7, the supervisor s-1 and the clinical lead l-1 are all there.
const now = '2026-03-02T15:00:00.000Z';
const reference = '0190b2c4-0000-7000-8000-000000000001';
const everyone = ['t-7', 's-1', 'l-1'];

const message = (detailType: string, data: unknown, more: object = { id: reference }) =>
  JSON.stringify({
    ...more,
    source: 'tandem.programme',
    'detail-type': detailType,
    detail: { id: `ev-${detailType}`, occurredAt: '2026-03-02T14:00:00Z', patient: 'vendor-1', data },
  });
const answers = (item9: number, more: object = {}) => ({
  measure: 'phq-9',
  answers: [0, 0, 0, 0, 0, 0, 0, 0, item9],
  ...more,
});
const urgent = message('QuestionnaireSubmitted', answers(3));
const enrolled = message('PatientEnrolled', {
  programme: 'depression',
  track: 'therapist-supported',
  therapist: 't-7',
  timeZone: 'America/New_York',
});

/** A clinic with one patient of t-7, whose ports fail where `broken` says so. */
async function withPatient() {
  const broken = new Set<Operation>();
  const before = (operation: Operation) => {
    if (broken.has(operation)) throw new Error(`${operation} is refused`);
  };
  const store = memoryStore({ before });
  const alertMail = new MemoryAlertMail({ before });
  const operators = new MemoryOperators({ before });
  const soon = <T>(work: Promise<T>) => work;
  const ports = { ...store, alertMail, operators, clinic, soon, pause: () => Promise.resolve() };
  await intake(ports, enrolled, now);
  const id = await store.pseudonyms.patient('vendor-1');
  const actions = () =>
    store
      .auditRecords(id)
      .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')) as { action: string; detail: object });
  const gaps = () => actions().filter(({ action }) => action === 'alert.sent-early');
  return {
    broken,
    store,
    alertMail,
    operators,
    ports,
    id,
    actions,
    gaps,
    told: () => alertMail.sent.map(({ to }) => to),
  };
}

/** As the queue does it: what fails is alerted about, and comes again. */
async function deliver({ ports }: Awaited<ReturnType<typeof withPatient>>, body = urgent) {
  try {
    return await intake(ports, body, now);
  } catch {
    await alertEarly(ports, body, now).catch(() => null);
    return 'left in the queue';
  }
}

describe('an urgent answer while the audit refuses writes (A14)', () => {
  it('is told at once to everybody whom the plan would ask, once, and its gap record follows with the record', async () => {
    const clinicDay = await withPatient();
    const { broken, store, operators, id, actions, gaps, told, alertMail } = clinicDay;
    broken.add('patients.commit').add('setAsides.put');
    for (let delivery = 0; delivery < 3; delivery += 1) expect(await deliver(clinicDay)).toBe('left in the queue');
    expect(told()).toEqual(everyone);
    expect(operators.told).toHaveLength(1);
    expect(operators.told[0]).toContain('to 3 of the staff. Nobody can answer');
    expect((await store.patients.load(id)).alerts).toEqual([]);
    expect(actions()).toHaveLength(1);

    broken.clear();
    expect(await deliver(clinicDay)).toMatchObject({ outcome: 'recorded', alerts: 1 });
    expect(await deliver(clinicDay)).toEqual({ outcome: 'duplicate' });
    expect((await store.patients.load(id)).alerts).toMatchObject([{ cause: 'safety', tier: 'urgent' }]);
    expect(gaps()).toMatchObject([{ detail: { message: reference, sentAt: now, told: everyone } }]);
    expect(alertMail.sent).toHaveLength(3);
  });

  it('says where to look and a number, and nothing of anybody', async () => {
    const clinicDay = await withPatient();
    clinicDay.broken.add('patients.commit');
    await deliver(clinicDay);
    const [mail] = clinicDay.alertMail.sent;
    expect(mail).toEqual({ to: 't-7', ...mailOf(clinic, 'earlyAlert', { reference }) });
    expect(mail?.body).toContain(`Reference ${reference}`);
    for (const text of [JSON.stringify(clinicDay.alertMail.sent), ...clinicDay.operators.told])
      expect(text).not.toMatch(/vendor|phq|p-[a-z0-9]{8}|suicid|item/i);
  });

  it('is told although the message would be refused, and is then set aside with its gap record', async () => {
    const clinicDay = await withPatient();
    const refused = message('QuestionnaireSubmitted', answers(3, { remark: 'no field' }));
    clinicDay.broken.add('patients.commit');
    await deliver(clinicDay, refused);
    clinicDay.broken.clear();
    expect(await deliver(clinicDay, refused)).toMatchObject({ outcome: 'set-aside', alerts: 1 });
    expect([clinicDay.told(), clinicDay.gaps().length]).toEqual([everyone, 1]);
  });

  it('that was recorded, and only the answer to that was lost, gets its gap record at the next delivery', async () => {
    const clinicDay = await withPatient();
    const { ports, store, gaps, told } = clinicDay;
    await intake(ports, urgent, now);
    await alertEarly(ports, urgent, now);
    expect(await deliver(clinicDay)).toEqual({ outcome: 'duplicate' });
    expect([told(), gaps().length]).toEqual([everyone, 1]);
    expect(await store.earlyAlerts.find(reference)).toMatchObject({ isRecorded: true });
  });

  it.each<[string, Operation[], string[]]>([
    ['its patient cannot be read: whoever sees every patient is told', ['patients.load'], ['s-1', 'l-1']],
    ['nobody can say whose it is', ['pseudonyms.patient'], ['s-1', 'l-1']],
    ['it cannot be seen who was told before', ['earlyAlerts.find', 'patients.commit'], everyone],
    ['it cannot be kept who was told', ['earlyAlerts.keep', 'patients.commit'], everyone],
    ['the operators cannot be told', ['operators.alert', 'patients.commit'], everyone],
  ])('goes out all the same where %s', async (_, failing, expected) => {
    const clinicDay = await withPatient();
    for (const operation of failing) clinicDay.broken.add(operation);
    expect(await deliver(clinicDay)).toBe('left in the queue');
    expect(clinicDay.told()).toEqual(expected);
  });

  it('goes at its next delivery to those whom it had not reached, and the operators hear whom to telephone', async () => {
    const clinicDay = await withPatient();
    const { broken, alertMail, operators, told, gaps } = clinicDay;
    broken.add('patients.commit');
    alertMail.unconfirmed.add('t-7');
    await deliver(clinicDay);
    expect(told()).toEqual(['s-1', 'l-1']);
    expect(operators.told[0]).toContain('to 2 of the staff. It did not reach t-7: telephone them.');
    alertMail.unconfirmed.clear();
    await deliver(clinicDay);
    expect(told()).toEqual(['s-1', 'l-1', 't-7']);
    broken.clear();
    await deliver(clinicDay);
    expect(gaps()).toMatchObject([{ detail: { told: ['s-1', 'l-1', 't-7'] } }]);
  });

  it('that reaches nobody is an error of its own, but not while the operators know', async () => {
    const { ports, broken } = await withPatient();
    broken.add('patients.commit').add('alertMail.send');
    expect(await alertEarly(ports, urgent, now)).toEqual({ reference, told: 0, missed: everyone });
    broken.add('operators.alert');
    await expect(alertEarly(ports, urgent, now)).rejects.toThrow('could be neither recorded nor told');
  });

  it('goes out without a note where the message has no name of its own', async () => {
    const { ports, store, told } = await withPatient();
    const nameless = message('QuestionnaireSubmitted', answers(3), { id: 'vendor-1' });
    expect(await alertEarly(ports, nameless, now)).toMatchObject({ reference: 'none', told: 3 });
    expect(told()).toEqual(everyone);
    expect(await store.earlyAlerts.find('none')).toBeNull();
  });

  it('of somebody who was erased is told to nobody, and has no gap record', async () => {
    const clinicDay = await withPatient();
    const { ports, store, gaps, told } = clinicDay;
    await store.earlyAlerts.keep({ reference, at: now, told: ['s-1'], isRecorded: false }, now);
    const erased = new PatientErased('p-1', now);
    const patients = {
      load: () => Promise.reject(erased),
      history: () => Promise.reject(erased),
      seen: () => Promise.reject(erased),
      commit: () => Promise.reject(erased),
    };
    expect(await alertEarly({ ...ports, patients }, urgent, now)).toBeNull();
    expect(await intake({ ...ports, patients }, urgent, now)).toMatchObject({ outcome: 'set-aside' });
    expect([told(), gaps()]).toEqual([[], []]);
    expect(await store.earlyAlerts.find(reference)).toMatchObject({ isRecorded: true });
  });

  it('leaves the message in the queue where its gap record cannot be written', async () => {
    const clinicDay = await withPatient();
    const { ports, broken, gaps } = clinicDay;
    await intake(ports, urgent, now);
    await alertEarly(ports, urgent, now);
    broken.add('patients.commit');
    expect(await deliver(clinicDay)).toBe('left in the queue');
    broken.clear();
    expect(await deliver(clinicDay)).toEqual({ outcome: 'duplicate' });
    expect(gaps()).toHaveLength(1);
  });
});

describe('what is not urgent waits for its record', () => {
  it.each([
    ['text that is no message', 'not JSON'],
    ['an event that is no questionnaire', enrolled],
    ['a questionnaire of nobody', message('QuestionnaireSubmitted', null)],
    ['an answer of 0', message('QuestionnaireSubmitted', answers(0))],
    ['an answer of 1', message('QuestionnaireSubmitted', answers(1))],
    ['an answer of 2 where nothing is known to have risen', message('QuestionnaireSubmitted', answers(2))],
  ])('%s', async (_, body) => {
    const { ports, told, operators } = await withPatient();
    expect(await alertEarly(ports, body, now)).toBeNull();
    expect([told(), operators.told]).toEqual([[], []]);
  });

  it('but an answer that has risen sharply does not', async () => {
    const { ports, told } = await withPatient();
    const before = message('QuestionnaireSubmitted', answers(0)).replace('ev-Q', 'ev-0-Q');
    await intake(ports, before, now);
    await alertEarly(ports, message('QuestionnaireSubmitted', answers(2)), now);
    expect(told()).toEqual(everyone);
  });

  it.each([
    [null, false],
    [0, false],
    [1, true],
    [3, true],
  ])('an answer of %j to item 9 may be urgent: %j', (item9, expected) => {
    expect(mayBeUrgent({ item9 } as Parameters<typeof mayBeUrgent>[0])).toBe(expected);
  });

  it('a clinic without a messages file for its language is refused by name of the cure', () => {
    expect(() => mailOf({ ...clinic, messages: {} }, 'earlyAlert', { reference })).toThrow(
      'add it, run npx tandem check',
    );
  });
});
