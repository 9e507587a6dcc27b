/** A whole clinic in memory: every workflow of the product over one store, with faults at the calls of all of them. */
import { MemoryAudit } from '../../functions/adapters/memory/audit.ts';
import { MemoryReminderChannels } from '../../functions/adapters/memory/reminder-channels.ts';
import { MemoryChangedChains, MemorySealStore } from '../../functions/adapters/memory/seal-store.ts';
import { systemChainOf, systemChains } from '../../functions/adapters/set-aside-audit.ts';
import { mayPass } from '../../functions/adapters/transient.ts';
import type { ApiAnswer } from '../../functions/alert-api/answer.ts';
import { respond } from '../../functions/alert-api/respond.ts';
import { type SweepPorts, sweepAlerts } from '../../functions/alert-sweep/sweep.ts';
import { authorize } from '../../functions/api-authorizer/authorize.ts';
import { type Reconciled, type ReconcilePorts, reconcileAll } from '../../functions/audit-reconcile/reconcile.ts';
import { proveDoorOpen } from '../../functions/canary/canary.ts';
import { genesis } from '../../functions/domain/audit-chain.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { type Instant, later } from '../../functions/domain/instant.ts';
import type { PatientId } from '../../functions/domain/patient.ts';
import { alertEarly } from '../../functions/event-intake/early-alert.ts';
import { intake } from '../../functions/event-intake/intake.ts';
import type { AlertName } from '../../functions/ports/alert-index.ts';
import type { AuditJournal } from '../../functions/ports/audit-journal.ts';
import type { StoredRecord } from '../../functions/ports/stored-records.ts';
import type { Tokens } from '../../functions/ports/tokens.ts';
import { remindShard } from '../../functions/reminder-round/round.ts';
import { closeOpenNight, openNight, type ScanPorts, scanShard } from '../../functions/risk-scan/scan.ts';
import { checkLastNight } from '../../functions/scan-watchdog/watchdog.ts';
import { sealPeriod } from '../../functions/seal-period.ts';
import { answerVendor } from '../../functions/vendor-door/door.ts';
import { clinic as clinicOfDesk, noPause } from '../alert-desk.ts';
import { WorkflowDesk } from '../alert-workflow-desk.ts';
import { type TestKey, terms } from '../sealed-history.ts';
import { type FaultyCalls, isInjected, unreadableRecord } from './faulty-calls.ts';

const seconds = 1000;
const minutes = 60 * seconds;
/** Two sweeps, and what a clock may be off. */
const latest = 63 * minutes;
/** How far the clock of a process may be off; NTP on a machine is far better. */
const clockErrors = [0, 0, -120 * seconds, 90 * seconds];
/** As the queue of events says. */
const mostDeliveries = 5;
const triesOfTask = 6;

export interface VendorEvent {
  readonly id: string;
  readonly type: string;
  readonly patient: string;
  readonly occurredAt: Instant;
  readonly data: unknown;
}

export class FaultyClinic extends WorkflowDesk {
  readonly calls: FaultyCalls;
  readonly channels: MemoryReminderChannels;
  readonly seals = new MemorySealStore();
  clinic: Clinic = clinicOfDesk;
  /** One of so many waits is overtaken by an answer. */
  answersAtWait = 12;
  /** Whose record cannot be read; null: nobody's. */
  unreadable: PatientId | null = null;
  /** What must never be, as it was seen to happen. */
  readonly violations: string[] = [];
  /** Each reminder that a channel took, as patient and key. */
  readonly reminders: string[] = [];
  /** E-mails about each alert at the moment at which it had ended. */
  readonly mailAtEnd = new Map<string, number>();
  readonly #draw: (n: number) => number;
  readonly #key: TestKey;
  readonly #grown = new MemoryChangedChains();
  readonly #notes = new MemoryAudit();
  readonly #queue: { readonly body: string; deliveries: number }[] = [];
  readonly #deadLetters: string[] = [];
  readonly #open = new Set<string>();
  #onBus = 0;
  #ids = 0;
  #clockError = 0;

  constructor(calls: FaultyCalls, key: TestKey, draw: (n: number) => number) {
    super(calls.hooks);
    this.calls = calls;
    this.channels = new MemoryReminderChannels(calls.hooks);
    this.#key = key;
    this.#draw = draw;
    this.sweepsEvery = 30;
    this.afterFailure = () => calls.begin(null);
    this.beforeStep = async ({ step, alert }) => {
      // Somebody is faster than the workflow, which has looked and is about to wait.
      if (step === 'wait' && draw(this.answersAtWait) === 0) await this.acknowledge(alert);
      this.#begin('alertWorkflowPorts');
    };
    const { patients } = this.store;
    const load = patients.load.bind(patients);
    patients.load = async (id) => {
      const patient = await load(id);
      if (id === this.unreadable && calls.workflow !== null) throw unreadableRecord();
      return patient;
    };
  }

  /** As each process sees it: its clock may be wrong. */
  override get ports(): SweepPorts {
    return { ...super.ports, clinic: this.clinic, now: () => this.clock() };
  }

  clock(): Instant {
    return later(this.now, this.#clockError);
  }

  override drive(name: AlertName) {
    return this.#as('alertDriverPorts', () => super.drive(name));
  }

  override sweep() {
    return this.#as('alertPorts', async () => {
      const swept = await sweepAlerts(this.ports, () => true);
      for (const failure of swept.failures) this.#expectInjected(failure);
      return swept;
    });
  }

  override async runUntil(then: Instant): Promise<void> {
    await super.runUntil(then);
    this.calls.begin(null);
    this.#lookAtAlerts();
  }

  /** The vendor's request, sent again until it is answered, so many times. @returns the status, or null where none came. */
  async tellDoor(events: readonly VendorEvent[], times = 3): Promise<number | null> {
    const cloudEvents = events.map(({ id, type, patient, occurredAt, data }) => ({
      specversion: '1.0',
      id,
      source: clinicOfDesk.settings.deployment.eventSource,
      type,
      subject: patient,
      time: occurredAt,
      data,
    }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const body = Buffer.from(JSON.stringify(cloudEvents));
    for (let time = 1; time <= times; time += 1) {
      const answer = await this.tried('vendorDoorPorts', () =>
        answerVendor({ bus: this.store.bus, clinic: this.clinic }, { headers, body }, this.clock()),
      );
      this.#route();
      if (answer?.status === 202) return 202;
    }
    return null;
  }

  /** Whatever the bus took is in the queue: at least once, and in no order. */
  #route(): void {
    const entries = this.store.bus.entries();
    for (const { source, detailType, detail } of entries.slice(this.#onBus)) {
      const id = this.#uuid();
      const body = JSON.stringify({ id, source, 'detail-type': detailType, detail });
      const copies = this.#draw(5) === 0 ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1)
        this.#queue.splice(this.#draw(this.#queue.length + 1), 0, { body, deliveries: 0 });
    }
    this.#onBus = entries.length;
  }

  /** Until the queue is empty: what fails comes again, and after five times lies with the dead letters. */
  async deliver(): Promise<void> {
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      const { body } = message;
      message.deliveries += 1;
      if ((await this.tried('intakePorts', () => this.#take(body))) !== null) continue;
      if (message.deliveries >= mostDeliveries) this.#deadLetters.push(body);
      else this.#queue.splice(this.#draw(this.#queue.length + 1), 0, message);
    }
  }

  /** What could not be taken is told where it is urgent, if the process still lives. */
  async #take(body: string): Promise<unknown> {
    const { store, mail: alertMail, operators, clinic } = this;
    const soon = <T>(work: Promise<T>) => work;
    const ports = { ...store, alertMail, operators, clinic, soon, pause: noPause };
    try {
      return await intake(ports, body, this.clock());
    } catch (error) {
      await alertEarly(ports, body, this.clock()).catch(() => null);
      throw error;
    }
  }

  /** Early alerts that were noted, and have no gap record. */
  async withoutGapRecord(): Promise<string[]> {
    const references = this.mail.sent.flatMap(({ body }) => /Reference (\S+)/.exec(body)?.[1] ?? []);
    const kept = await Promise.all([...new Set(references)].map((one) => this.store.earlyAlerts.find(one)));
    return kept.flatMap((early) => (early === null || early.isRecorded ? [] : [early.reference]));
  }

  /** As an operator does. @returns how many there were. */
  redrive(): number {
    const dead = this.#deadLetters.splice(0);
    this.#queue.push(...dead.map((body) => ({ body, deliveries: 0 })));
    return dead.length;
  }

  async proveDoor(): Promise<void> {
    const id = this.#uuid();
    const wait = async () => {
      this.#route();
      await this.deliver();
    };
    for (let time = 1; time <= 3; time += 1)
      if ((await this.tried('canaryPorts', () => proveDoorOpen(this.store, id, wait).then(() => true))) !== null)
        return;
  }

  /** One start of the night's workflow: each of its tasks is tried again, and a task that fails for good ends it. */
  async scan(): Promise<void> {
    const ports = this.#scanPorts();
    const opened = await this.#task('scanPorts', () => openNight(ports));
    if (opened === null || opened.done) return;
    const { night, until, shards } = opened;
    for (const shard of shards)
      await this.#task('scanPorts', () => scanShard(ports, { night, until, shard, cursor: null }, () => true));
    await this.#task('scanPorts', () => closeOpenNight(ports, night));
  }

  #scanPorts(): ScanPorts {
    return { ...this.store, clinic: this.clinic, pause: noPause, now: () => this.clock(), mayPass };
  }

  watch(): Promise<{ shortfall: string | null } | null> {
    return this.#task('watchdogPorts', () =>
      checkLastNight({ ...this.store, operators: this.operators, clinic: this.clinic }, this.clock()),
    );
  }

  /** One round of reminders. A shard that fails is left to the next. */
  async remind(): Promise<void> {
    const { store, channels } = this;
    const send: MemoryReminderChannels['send'] = async (id, ...message) => {
      const patient = store.patients.patients().find((one) => one.id === id);
      const claims = (patient?.reminders ?? []).filter(({ outcome }) => outcome === 'claimed');
      if (claims.length !== 1) this.violations.push(`${claims.length} claims while a reminder is sent`);
      const before = channels.sent.length;
      try {
        return await channels.send(id, ...message);
      } finally {
        if (channels.sent.length > before) {
          this.reminders.push(`${id} ${claims[0]?.key}`);
          if (patient?.state.consent.reminders !== true) this.violations.push('a reminder was sent without consent');
        }
      }
    };
    const ports = {
      ...store,
      reminderChannels: { reachable: channels.reachable.bind(channels), send },
      clinic: this.clinic,
      pause: noPause,
      now: () => this.clock(),
      pace: () => Promise.resolve(),
      mayPass,
    };
    const until = this.now;
    for (const shard of store.reminderIndex.shards)
      await this.#task(
        'reminderPorts',
        async () => {
          const part = await remindShard(ports, { shard, until, cursor: null }, () => true);
          for (const { error } of part.failures) this.#expectInjected(error);
        },
        3,
      );
  }

  async seal(): Promise<void> {
    for (const { id, version, head } of this.store.patients.patients()) this.#grown.grew(id, version, head);
    for (const chain of systemChains) {
      const newest = this.store.auditRecords(chain).at(-1);
      if (newest !== undefined) this.#grown.grew(chain, newest.sequence, newest.head);
    }
    const ports = {
      store: this.calls.port('sealStore', this.seals),
      chains: this.calls.port('changedChains', this.#grown),
      signers: [this.calls.port('signer', this.#key.signer)],
    };
    const { now } = this;
    await this.#task('sealPorts', async () => {
      await sealPeriod(ports, terms, now);
    });
  }

  reconcile(): Promise<Reconciled | null> {
    return this.#task('reconcilePorts', () => reconcileAll(this.#reconcilePorts(), null));
  }

  #reconcilePorts(): ReconcilePorts {
    const standingOf = async (chain: string) => {
      const records = this.store.auditRecords(chain);
      const { version, head } = this.store.patients.patients().find(({ id }) => id === chain) ?? {
        version: records.length,
        head: records.at(-1)?.head ?? genesis(chain),
      };
      return { version, head };
    };
    const records = this.calls.port('records', { page: async (chain: string) => this.stored(chain) });
    return {
      reviewIndex: this.store.reviewIndex,
      standings: { of: this.calls.port('standings', { of: standingOf }).of, system: systemChains },
      records: {
        async *between(chain, first, last) {
          const page = await records.page(chain);
          yield* page.filter(({ sequence }) => sequence >= first && sequence <= last);
        },
      },
    };
  }

  /** A chain as the audit table keeps it. */
  stored(chain: string): StoredRecord[] {
    return this.store.auditRecords(chain).map(({ sequence, recordedAt, recordHash, head }) => ({
      chain,
      sequence,
      recordedAt,
      recordHash,
      head,
      content: null,
    }));
  }

  /** Somebody of the care team asks, and presses again where it failed. */
  async ask(route: string, alertId?: string, body?: object, times = 2): Promise<ApiAnswer | null> {
    const ports = {
      ...this.store,
      journal: this.#journal(),
      clinic: this.clinic,
      signIn: { issuer: 'https://login.example.org', clientId: 'page', scope: 'openid' },
      pause: noPause,
      now: () => this.clock(),
      newId: () => this.#newId(),
      onFailure: (error: unknown) => this.#expectInjected(error),
    };
    const request = {
      route,
      alertId,
      contentType: 'application/json',
      body: body === undefined ? undefined : JSON.stringify(body),
      isBase64Encoded: false,
      from: '203.0.113.7',
      signedIn: { staff: 's-1', roles: ['supervisor'] },
    };
    for (let time = 1; time <= times; time += 1) {
      const answer = await this.tried('alertApiPorts', () => respond(ports, request));
      if (answer !== null) return answer;
    }
    return null;
  }

  async acknowledge(id: string): Promise<void> {
    const alerts = this.store.patients.patients().flatMap((patient) => patient.alerts);
    const version = alerts.find((one) => one.id === id)?.version ?? 1;
    await this.ask('POST /api/alerts/{id}/acknowledge', id, { version });
  }

  signIn(token: string | null): Promise<unknown> {
    const tokens: Tokens = {
      check: async (given) =>
        given === null ? { refused: 'missing', staff: null } : { staff: 's-1', roles: ['supervisor'] },
    };
    const ports = {
      tokens: this.calls.port('tokens', tokens),
      journal: this.#journal(),
      rules: this.clinic.hash,
      now: () => this.clock(),
      newId: () => this.#newId(),
    };
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    return this.tried('authorizerPorts', () => authorize(ports, { headers, route: 'GET /api/alerts', from: '::1' }));
  }

  #journal(): AuditJournal {
    return this.calls.port('journal', {
      note: async (id, entry, at) => {
        this.#notes.append(this.#notes.place(systemChainOf(id)), entry, at);
      },
    } satisfies AuditJournal);
  }

  #uuid(): string {
    this.#ids += 1;
    return `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
  }

  #newId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  /** What is wrong with open alerts that go out by e-mail, now that everybody has had time to be asked. */
  neglected(): string[] {
    return this.store.patients.patients().flatMap(({ alerts }) =>
      alerts.flatMap(({ id, tier, outbox, asked, acknowledgedBy, nextActionAt }) => {
        if (tier === 'list') return [];
        const wrong = [
          outbox.some(({ by }) => by === 'email') && 'a message was not sent',
          asked.length + acknowledgedBy.length === 0 && 'nobody is asked and nobody has it',
          (nextActionAt === null || later(nextActionAt, latest) <= this.now) && 'its deadline was overlooked',
          acknowledgedBy.length === 0 &&
            this.mailAbout(id) === 0 &&
            'nobody has it and no e-mail was ever sent about it',
        ];
        return wrong.flatMap((one) => (one === false ? [] : [`${id}: ${one}`]));
      }),
    );
  }

  /** E-mails about an alert, to whomever. */
  mailAbout(alert: string): number {
    return this.mail.sent.filter(({ body }) => body.includes(alert)).length;
  }

  /** A task of a workflow, which is tried again. */
  async #task<T>(workflow: string, work: () => Promise<T>, times = triesOfTask): Promise<T | null> {
    for (let time = 1; time <= times; time += 1) {
      const done = await this.#attempt(workflow, work);
      if ('result' in done) return done.result;
    }
    return null;
  }

  /** One process does this once. Null: it failed, by a fault of ours. */
  async tried<T>(workflow: string, work: () => Promise<T>): Promise<T | null> {
    const done = await this.#attempt(workflow, work);
    return 'result' in done ? done.result : null;
  }

  async #attempt<T>(
    workflow: string,
    work: () => Promise<T>,
  ): Promise<{ readonly result: T } | { readonly failed: true }> {
    try {
      return { result: await this.#as(workflow, work) };
    } catch (error) {
      this.#expectInjected(error);
      return { failed: true };
    } finally {
      this.#lookAtAlerts();
    }
  }

  #as<T>(workflow: string, work: () => Promise<T>): Promise<T> {
    this.#begin(null);
    return this.calls.during(workflow, work);
  }

  #begin(workflow: string | null): void {
    this.#clockError = clockErrors[this.#draw(clockErrors.length)] ?? 0;
    if (workflow !== null) this.calls.begin(workflow);
  }

  /** A failure that no fault explains is a mistake of the product's. */
  #expectInjected(error: unknown): void {
    if (!isInjected(error))
      this.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Notes how much was sent about an alert when it ended. */
  #lookAtAlerts(): void {
    const open = new Set(this.store.patients.patients().flatMap(({ alerts }) => alerts.map(({ id }) => id)));
    for (const id of this.#open)
      if (!open.has(id) && !this.mailAtEnd.has(id)) this.mailAtEnd.set(id, this.mailAbout(id));
    for (const id of open) this.#open.add(id);
  }
}
