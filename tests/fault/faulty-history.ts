/** Three days of a clinic, all of it drawn from one number. */
import { hours, type Instant, later } from '../../functions/domain/instant.ts';
import { opened } from '../alert-desk.ts';
import { numbers, testKey } from '../sealed-history.ts';
import { FaultyCalls, faults, faultsOf, type Strike } from './faulty-calls.ts';
import { FaultyClinic, type VendorEvent } from './faulty-clinic.ts';
import { everyCall } from './outside-calls.ts';

export const key = testKey();

const minutes = 60_000;
const daysWithFaults = 2;
const patientsOfHistory = 3;
const strikesOfHistory = 8;

/** Each call with each of its faults; a history strikes neighbours, which are different calls. */
const pairs = [...faults, 'conflict' as const].flatMap((fault) =>
  everyCall.flatMap((call) => (faultsOf(call).includes(fault) ? [{ call, fault }] : [])),
);

function strikesOf(seed: number, draw: (n: number) => number): Strike[] {
  return Array.from({ length: strikesOfHistory }, (_, index) => {
    const pair = pairs[(seed * strikesOfHistory + index) % pairs.length];
    if (pair === undefined) throw new Error('there are no calls');
    return { ...pair, time: draw(3) === 0 ? 2 : 1 };
  });
}

/** Calls that are made only where an urgent answer cannot be recorded. */
function isEarly({ call }: Strike): boolean {
  return ['earlyAlerts', 'alertMail', 'operators'].some((port) => call.startsWith(`intakePorts ${port}.`));
}

/** So that there is something to tell early, and again after a crash: many commits from the first day's on are refused. */
const refusedCommits: readonly Strike[] = Array.from({ length: 20 }, (_, index) => ({
  call: 'intakePorts patients.commit',
  fault: 'server-error',
  time: 4 + index,
}));

export interface Played {
  readonly clinic: FaultyClinic;
  /** What was wrong with open alerts two hours after the last fault, before they were answered. */
  readonly neglected: readonly string[];
  /** Every event of the vendor's, all of which were accepted in the end. */
  readonly events: readonly VendorEvent[];
  /** Messages that no event schema takes. */
  readonly refused: number;
  /** Of the vendor's ids, those who answered that they might harm themselves. */
  readonly inDanger: ReadonlySet<string>;
}

/** The same for the same seed, but for the times it takes. */
export async function play(seed: number): Promise<Played> {
  // Neighbouring seeds begin alike.
  const draw = numbers(Math.imul(seed + 1, 0x9e3779b1) >>> 0);
  for (let warm = 0; warm < 3; warm += 1) draw(2);
  const perThousand = [0, 5, 20, 60][draw(4)] ?? 0;
  const drawn = strikesOf(seed, draw);
  const strikes = drawn.some(isEarly) ? [...drawn, ...refusedCommits] : drawn;
  const calls = new FaultyCalls({ strikes, perThousand, draw });
  const clinic = new FaultyClinic(calls, key, draw);
  const vendor = new Vendor(clinic, draw);
  const aims: Aims = (...parts) => strikes.some(({ call }) => parts.some((part) => call.includes(part)));
  clinic.answersAtWait = aims('alertWorkflow.wake') ? 1 : 12;

  for (let patient = 0; patient < patientsOfHistory; patient += 1) vendor.enrol(`vendor-${patient}`);
  await vendor.send();
  for (let day = 0; day < daysWithFaults; day += 1) await liveDay(clinic, vendor, draw, day, aims);

  calls.calm();
  clinic.unreadable = null;
  clinic.streaming = true;
  clinic.mail.unconfirmed.clear();
  await vendor.send();
  clinic.redrive();
  await clinic.deliver();
  await clinic.runFor(2 * hours);
  const neglected = clinic.neglected();
  await quietDay(clinic);
  return { clinic, neglected, events: vendor.sent, refused: vendor.refused, inDanger: vendor.inDanger };
}

/** Whether a history strikes one of these calls. Some are made on rare occasions only, so it then has the occasion. */
type Aims = (...parts: readonly string[]) => boolean;

/** From ten in the morning to the next one, in UTC. */
async function liveDay(
  clinic: FaultyClinic,
  vendor: Vendor,
  draw: (n: number) => number,
  day: number,
  aims: Aims,
): Promise<void> {
  const start = later(opened, day * 24 * hours);
  const at = (hour: number) => later(start, (hour - 10) * hours);
  const now = (hour: number) => clinic.runUntil(at(hour));

  if (draw(3) === 0) clinic.streaming = !clinic.streaming;
  if (draw(4) === 0) clinic.mail.unconfirmed.add(['s-1', 't-7', 'l-1'][draw(3)] ?? '');
  for (let count = 1 + draw(3); count > 0; count -= 1) vendor.happen(`vendor-${draw(patientsOfHistory)}`);
  if (aims('alertWorkflowPorts', 'alertPorts', 'alertDriverPorts')) {
    clinic.streaming = !aims('alertPorts operators');
    vendor.danger(`vendor-${day}`);
  }
  if (aims('intakePorts earlyAlerts', 'intakePorts alertMail', 'intakePorts operators')) vendor.danger(`vendor-${day}`);
  if (aims('alertWorkflowPorts operators', 'alertPorts operators'))
    for (const staff of ['t-7', 's-1']) clinic.mail.unconfirmed.add(staff);
  if (draw(2) === 0 || aims('setAsides.put')) await vendor.sendRefused();
  await vendor.send();
  await clinic.proveDoor();
  await clinic.signIn(draw(2) === 0 ? null : 'token');
  await clinic.signIn(null);
  await now(13);
  await answer(clinic, draw);
  await clinic.seal();
  if (draw(3) === 0) await vendor.sendAgain();
  vendor.happen(`vendor-${draw(patientsOfHistory)}`);
  await vendor.send();
  await now(18);
  await answer(clinic, draw);
  if (draw(3) === 0) stopOne(clinic, draw);
  await now(21);
  await answerWhatIsUrgent(clinic);
  if (aims('reminderPorts patients.history')) newRules(clinic, day + 3);
  // Six in the evening in New York, and twice more within the reminders' hours.
  for (const hour of [23, 24, 25]) {
    await now(hour);
    await clinic.remind();
  }
  await clinic.seal();
  if (draw(3) === 0 || aims('scanPorts patients.history')) newRules(clinic, day);
  const vendorId = `vendor-${draw(patientsOfHistory)}`;
  if (draw(3) === 0 || aims('nights.setAside')) clinic.unreadable = await clinic.store.pseudonyms.patient(vendorId);
  // Two in the morning in New York, and the second start an hour later.
  for (const hour of [31, 32]) {
    await now(hour);
    const isMissed = aims('watchdogPorts operators') ? day === 0 : draw(6) === 0 && !aims('scanPorts');
    if (!isMissed) await clinic.scan();
  }
  clinic.unreadable = null;
  await now(33.5);
  await answerWhatIsUrgent(clinic);
  await clinic.watch();
  await clinic.reconcile();
  await clinic.seal();
  await clinic.deliver();
}

/** Everybody is answered for, and nothing fails. */
async function quietDay(clinic: FaultyClinic): Promise<void> {
  const start = later(opened, daysWithFaults * 24 * hours);
  const now = (hour: number) => clinic.runUntil(later(start, (hour - 10) * hours));
  await answerWhatIsUrgent(clinic);
  for (const hour of [23, 24, 25]) {
    await now(hour);
    await clinic.remind();
  }
  await now(31);
  await clinic.scan();
  await now(34);
  await clinic.seal();
}

/** Other rules by their name; what they say is the same. */
function newRules(clinic: FaultyClinic, number: number): void {
  clinic.clinic = { ...clinic.clinic, hash: `sha256:${String(number).repeat(64)}` };
}

function stopOne(clinic: FaultyClinic, draw: (n: number) => number): void {
  const names = [...clinic.machine.executions.keys()];
  clinic.machine.stop(names[draw(names.length)] ?? '');
}

/** Somebody looks at the list, opens one alert and answers it. */
async function answer(clinic: FaultyClinic, draw: (n: number) => number): Promise<void> {
  await clinic.ask('GET /api/alerts');
  const alerts = clinic.store.patients.patients().flatMap((patient) => patient.alerts);
  const alert = alerts[draw(Math.max(1, alerts.length))];
  if (alert === undefined) return;
  await clinic.ask('GET /api/alerts/{id}', alert.id);
  const { version } = alert;
  const until: Instant = later(clinic.now, 3 * hours);
  const answers = [
    ['acknowledge', { version }],
    ['snooze', { version, until, reason: 'in-contact' }],
    ['resolve', { version, outcome: { code: 'reached' } }],
    ['resolve', { version, outcome: { code: 'plan-adapted' } }],
    ['resolve', { version: 1 + draw(3), outcome: { code: 'reached' } }],
  ] as const;
  const [kind, body] = answers[draw(answers.length)] ?? answers[0];
  await clinic.ask(`POST /api/alerts/{id}/${kind}`, alert.id, body);
}

/** What is urgent asks again every quarter of an hour, all night long. */
async function answerWhatIsUrgent(clinic: FaultyClinic): Promise<void> {
  const alerts = clinic.store.patients.patients().flatMap((patient) => patient.alerts);
  for (const { id, tier, version } of alerts)
    if (tier === 'urgent')
      await clinic.ask('POST /api/alerts/{id}/resolve', id, { version, outcome: { code: 'reached' } });
}

/** The programme: what its patients do, and what it sends. */
class Vendor {
  /** What the door has taken. */
  readonly sent: VendorEvent[] = [];
  readonly inDanger = new Set<string>();
  refused = 0;
  readonly #clinic: FaultyClinic;
  readonly #draw: (n: number) => number;
  #waiting: VendorEvent[] = [];
  #ids = 0;

  constructor(clinic: FaultyClinic, draw: (n: number) => number) {
    this.#clinic = clinic;
    this.#draw = draw;
  }

  enrol(patient: string): void {
    const contact = { preferred: 'sms', sms: `+1202555010${this.#ids % 10}` };
    const track = this.#draw(3) === 0 ? 'self-guided' : 'therapist-supported';
    const data = { programme: 'depression', track, therapist: 't-7', timeZone: 'America/New_York', contact };
    this.#add(patient, 'PatientEnrolled', data, 180);
    this.#add(patient, 'ConsentGiven', { scopes: ['scoring', 'reminders'] }, 170);
  }

  /** One thing that a patient does, up to a few hours ago. */
  happen(patient: string): void {
    const item9 = [0, 0, 1, 2, 3][this.#draw(5)] ?? 0;
    const others = [3, 2, 1][this.#draw(3)] ?? 0;
    const doings = [
      ['QuestionnaireSubmitted', { measure: 'phq-9', answers: [...Array.from({ length: 8 }, () => others), item9] }],
      ['QuestionnaireSubmitted', { measure: 'phq-9', answers: [...Array.from({ length: 8 }, () => others), item9] }],
      ['ModuleCompleted', { module: `m${1 + this.#draw(3)}`, minutes: 20 }],
      ['PatientActive', { kind: 'log-in' }],
      ['BarrierReported', { barrier: 'time' }],
      ['ConsentWithdrawn', { scopes: ['reminders'] }],
      ['ConsentWithdrawn', { scopes: ['scoring'] }],
      ['EnrolmentPaused', {}],
    ] as const;
    const [type, data] = doings[this.#draw(doings.length)] ?? doings[0];
    if (type === 'QuestionnaireSubmitted' && item9 > 0) this.inDanger.add(patient);
    this.#add(patient, type, data, this.#draw(170));
  }

  danger(patient: string): void {
    this.inDanger.add(patient);
    this.#add(patient, 'QuestionnaireSubmitted', { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3] }, 1);
  }

  #add(patient: string, type: string, data: unknown, minutesAgo: number): void {
    this.#ids += 1;
    const occurredAt = later(this.#clinic.now, -minutesAgo * minutes);
    this.#waiting.push({ id: `ev-${this.#ids}`, type, patient, occurredAt, data });
  }

  /** What was not taken is sent again next time. */
  async send(): Promise<void> {
    const status = await this.#clinic.tellDoor(this.#waiting);
    if (status === 202) this.sent.push(...this.#waiting.splice(0));
    await this.#clinic.deliver();
  }

  /** As a programme does that has lost count. */
  async sendAgain(): Promise<void> {
    await this.#clinic.tellDoor(this.sent);
    await this.#clinic.deliver();
  }

  /** A message that nobody can take, with an answer that cannot wait. */
  async sendRefused(): Promise<void> {
    const patient = `vendor-${this.#draw(patientsOfHistory)}`;
    const data = { measure: 'phq-9', answers: [0, 0, 0, 0, 0, 0, 0, 0, 3], remark: this.refused };
    this.#ids += 1;
    const occurredAt = later(this.#clinic.now, -minutes);
    const event = { id: `ev-${this.#ids}`, type: 'QuestionnaireSubmitted', patient, occurredAt, data };
    if ((await this.#clinic.tellDoor([event], 20)) === null) return;
    this.refused += 1;
    this.inDanger.add(patient);
    await this.#clinic.deliver();
  }
}
