import { type Alert, type AlertMessage, endedAlert } from './alert.ts';
import { withHappening } from './alert-history.ts';
import type { Outcome, SnoozeReason } from './alert-outcome.ts';
import type { AuditEntry } from './audit-chain.ts';
import { type Json, sha256Hex } from './canonical.ts';
import { fromEpoch, toEpoch } from './epoch.ts';
import type { EscalationPlan, StaffId, Step, TierPlan, Wait } from './escalation-plan.ts';
import { hours, type Instant, later } from './instant.ts';
import { momentInWords } from './local-words.ts';
import { findPeople, findSomebody, staffWith, standInFor } from './on-call.ts';
import { afterWorking, nextWorking } from './working-hours.ts';

/** Who answers, and from where: "portal", "command line". */
interface Answering {
  readonly by: StaffId;
  /** Who typed it where that is another person: an operator at the command line. */
  readonly enteredBy?: string;
  readonly source: string;
}

/** An answer to an alert as somebody has read it: Alert.version says which alert that was. */
export type AlertAnswer = Answering & { readonly version: number } & (
    | { readonly kind: 'acknowledge' }
    | { readonly kind: 'snooze'; readonly until: Instant; readonly reason: SnoozeReason }
    | { readonly kind: 'resolve'; readonly outcome: Outcome }
  );

/** What can happen to an alert, apart from new evidence. */
export type AlertTrigger =
  /** Time has passed. Harmless at any moment and any number of times. */
  | { readonly kind: 'deadline' }
  /** These messages of the outbox have gone out. */
  | { readonly kind: 'sent'; readonly messages: readonly string[] }
  /** This message cannot reach its recipient, who has no confirmed address. */
  | { readonly kind: 'undeliverable'; readonly message: string }
  /** A signed-in person has looked at it. */
  | (Answering & { readonly kind: 'seen' })
  | AlertAnswer;

/** What a decision about an alert is made on, beside the alert itself. */
export interface Situation {
  /** The patient's own, at this moment. */
  readonly therapist: StaffId | null;
  readonly plan: EscalationPlan;
  readonly now: Instant;
  /** The number of the audit record that this decision will have: it tells one transition from another. */
  readonly sequence: number;
}

/**
 * `refused-person`: not on the alert's list. `refused-version`: it has changed since it was read. `refused-content`: this alert
 * cannot be answered so. `seen-late`: somebody has answered already; recorded, and the person is told.
 */
export type AnswerResult = 'done' | 'seen-late' | 'refused-person' | 'refused-version' | 'refused-content';

/** What one trigger makes of an alert: one transaction. */
export interface Transition {
  readonly result: AnswerResult;
  /** The same object where nothing of it has changed. */
  readonly alert: Alert;
  /** Without the hash of the rules, which the transaction adds. */
  readonly audit: Omit<AuditEntry, 'rules'>;
  /** What it adds to the outbox. */
  readonly messages: readonly AlertMessage[];
}

/**
 * One step in the life of an alert that has not ended; null: nothing to do. Every time is counted from the moment of the
 * decision, so that a clock that jumps, or a sweep that comes late, delays a step and never skips one.
 */
export function transition(alert: Alert, trigger: AlertTrigger, on: Situation): Transition | null {
  switch (trigger.kind) {
    case 'deadline':
      return alert.nextActionAt !== null && alert.nextActionAt <= on.now ? goOn(alert, on, []) : null;
    case 'sent':
      return sent(alert, trigger.messages, on);
    case 'undeliverable':
      return undeliverable(alert, trigger.message, on);
    case 'seen':
      return seen(alert, trigger, on);
    default:
      return answered(alert, trigger, on);
  }
}

/** What is recorded where an answer, or a look, comes after the end. */
export function lateAnswer(alertId: string, trigger: Answering & { kind: string }, plan: EscalationPlan) {
  return byPerson('alert.answer', trigger, plan, false, 'seen late: the alert had ended', {
    alert: alertId,
    answer: trigger.kind,
    plan: plan.hash,
  });
}

/** The deadline has passed, or nobody is left whose answer could be waited for. */
function goOn(alert: Alert, on: Situation, because: readonly string[]): Transition {
  const { hold, steps } = planOf(alert, on);
  const working = fromEpoch(nextWorking(toEpoch(on.now), on.plan.workingHours));
  if (hold && working > on.now) {
    const held = { ...alert, nextActionAt: working };
    return bySystem('alert.hold', alert, held, [], on, [...because, 'the next step waits for working hours']);
  }
  if (alert.status === 'acknowledged') return overdue(alert, on);
  if (alert.status === 'snoozed')
    return ask({ ...alert, status: 'open', acknowledgedBy: [] }, 0, 'reminder', on, ['it was put off until now']);
  if (alert.step === null) {
    const kind = alert.raisedAt === alert.openedAt ? 'alert' : 'raised';
    return ask(alert, 0, kind, on, [kind === 'alert' ? 'it was opened' : 'it became more serious']);
  }
  const reasons = because.length > 0 ? because : ['nobody has answered in time'];
  return alert.step < steps.length - 1
    ? ask(alert, alert.step + 1, 'alert', on, reasons)
    : askEveryone(alert, on, reasons);
}

/** Asks whoever acknowledged it first: the chain goes on when that brings nothing either. */
function overdue(alert: Alert, on: Situation): Transition {
  const { steps } = planOf(alert, on);
  const step = Math.min(alert.step ?? 0, steps.length - 1);
  const people = [...new Set(alert.acknowledgedBy.flatMap((id) => standInFor(id, on.plan, readAt(alert, on)) ?? []))];
  const late: Alert = { ...alert, status: 'overdue', step, version: alert.version + 1, acknowledgedBy: [] };
  const reasons = [`acknowledged by ${alert.acknowledgedBy.join(', ')}, and no outcome came in time`];
  if (people.length > 0) return asking(late, step, people, [people.map(toPerson('reminder'))], on, reasons);
  const gone = [...reasons, 'nobody is there for them'];
  return step < steps.length - 1 ? ask(late, step + 1, 'alert', on, gone) : askEveryone(late, on, gone);
}

/** Takes the step, or the first after it for which anybody is there who has not answered yet. */
function ask(
  alert: Alert,
  first: number,
  kind: 'alert' | 'reminder' | 'raised',
  on: Situation,
  reasons: readonly string[],
): Transition {
  const missing: string[] = [];
  for (const [step, { notify }] of planOf(alert, on).steps.entries()) {
    if (step < first) continue;
    const found = findPeople(notify, on.therapist, on.plan, readAt(alert, on));
    const people = found.people.filter((id) => !alert.acknowledgedBy.includes(id));
    missing.push(...found.missing.map((why) => `step ${step + 1}: ${why}`));
    if (people.length > 0)
      return asking(alert, step, people, [people.map(toPerson(kind))], on, [...reasons, ...missing]);
  }
  return askEveryone(alert, on, [...reasons, ...missing]);
}

/** The plan is at its end: its last people and the supervisors, again and again, and each time the operators hear of it. */
function askEveryone(alert: Alert, on: Situation, reasons: readonly string[]): Transition {
  const last = planOf(alert, on).steps.length - 1;
  const notify = [...stepOf(alert, last, on).notify, 'supervisor' as const];
  const { people } = findSomebody(notify, on.therapist, on.plan, readAt(alert, on));
  const operators = staffWith('operator', on.plan).map(toPerson('operator'));
  return asking(alert, last, people, [people.map(toPerson('alert')), operators], on, [
    ...reasons,
    'the plan is at its end and repeats',
  ]);
}

function asking(
  alert: Alert,
  step: number,
  people: readonly StaffId[],
  recipients: readonly (readonly Recipient[])[],
  on: Situation,
  reasons: readonly string[],
): Transition {
  const { hold } = planOf(alert, on);
  const { wait } = stepOf(alert, step, on);
  const messages = recipients.flat().map((one) => messageOf(alert, one, on));
  const next: Alert = {
    ...alert,
    step,
    nextActionAt: after(wait, on, hold),
    asked: people,
    told: union(alert.told, people),
    outbox: withMessages(alert.outbox, messages),
  };
  const asked = `asked ${people.join(', ')} (step ${step + 1}): ${reasons.join('; ')}`;
  return bySystem('alert.notify', alert, next, messages, on, reasons, asked);
}

function sent(alert: Alert, ids: readonly string[], on: Situation): Transition | null {
  const gone = alert.outbox.filter(({ id }) => ids.includes(id));
  if (gone.length === 0) return null;
  const mailed = alert.mailed || gone.some(({ by, kind }) => by === 'email' && kind !== 'operator');
  const next = { ...alert, mailed, outbox: alert.outbox.filter((message) => !gone.includes(message)) };
  const reason = `sent to ${gone.map(({ to, kind }) => `${to} (${kind})`).join(', ')}`;
  const ways = gone.map(({ to, by }) => `${by === 'list' ? 'morning list' : 'e-mail'} to ${to}`);
  return bySystem('alert.sent', alert, next, [], on, [reason], `sent: ${ways.join(', ')}`);
}

/** Nobody waits for a person who never heard of it: the next step at once, and the operators hear of it. */
function undeliverable(alert: Alert, id: string, on: Situation): Transition | null {
  const message = alert.outbox.find((one) => one.id === id);
  if (message === undefined) return null;
  const reasons = [`${message.to} has no confirmed address: ${message.kind} not delivered`];
  const rest = { ...alert, outbox: alert.outbox.filter((one) => one !== message) };
  const operators = message.kind === 'operator' ? [] : staffWith('operator', on.plan).map(toPerson('operator'));
  const messages = operators.map((one) => messageOf(alert, one, on));
  const warned = { ...rest, outbox: withMessages(rest.outbox, messages) };
  const asked = alert.asked.filter((one) => one !== message.to);
  const nowhereToGo = alert.step !== null && alert.step >= planOf(alert, on).steps.length - 1;
  if (message.kind === 'told' || message.kind === 'operator' || nowhereToGo)
    return bySystem('alert.undeliverable', alert, warned, messages, on, reasons);
  if (asked.length > 0) return bySystem('alert.undeliverable', alert, { ...warned, asked }, messages, on, reasons);
  const next = goOn(warned, on, reasons);
  return { ...next, messages: [...messages, ...next.messages] };
}

/** A look is recorded and changes nothing: mail scanners look, too. */
function seen(alert: Alert, trigger: Answering & { kind: 'seen' }, on: Situation): Transition {
  if (!isOnTheList(alert, trigger.by, on)) return refused(alert, 'alert.view', 'refused-person', trigger, on);
  const audit = byPerson('alert.view', trigger, on.plan, false, 'looked at it', detailOf(alert, on));
  return { result: 'done', alert, audit, messages: [] };
}

function answered(alert: Alert, answer: AlertAnswer, on: Situation): Transition | null {
  const action = `alert.${answer.kind}`;
  if (!isOnTheList(alert, answer.by, on)) return refused(alert, action, 'refused-person', answer, on);
  if (isKnown(alert, answer, on)) return null;
  if (answer.version !== alert.version) return refused(alert, action, 'refused-version', answer, on);
  switch (answer.kind) {
    case 'acknowledge':
      return acknowledged(alert, answer, on);
    case 'snooze':
      return snoozed(alert, answer, on);
    case 'resolve':
      return resolved(alert, answer, on);
  }
}

/** The same answer once more: after a crash, or a second click. */
function isKnown(alert: Alert, answer: AlertAnswer, on: Situation): boolean {
  if (!alert.acknowledgedBy.includes(answer.by)) return false;
  if (answer.kind === 'acknowledge') return alert.status !== 'snoozed' && !alert.asked.includes(answer.by);
  if (answer.kind === 'snooze')
    return alert.status === 'snoozed' && alert.nextActionAt === wakeUp(alert, answer.until, on);
  const { outcome } = answer;
  return outcome.code === 'not-reached' && alert.status === 'acknowledged' && alert.nextActionAt === outcome.nextTry;
}

function acknowledged(alert: Alert, answer: AlertAnswer, on: Situation): Transition {
  if (alert.status === 'acknowledged')
    return {
      result: 'seen-late',
      alert,
      audit: byPerson(
        'alert.acknowledge',
        answer,
        on.plan,
        false,
        `seen late: acknowledged by ${alert.acknowledgedBy.join(', ')}`,
        detailOf(alert, on),
      ),
      messages: [],
    };
  const { answer: policy, outcomeWithin, hold } = planOf(alert, on);
  const acknowledgedBy = union(alert.acknowledgedBy, [answer.by]);
  const waitedFor = alert.asked.filter((id) => id !== answer.by);
  if (policy === 'each' && waitedFor.length > 0) {
    const outbox = alert.outbox.filter(({ to }) => to !== answer.by);
    const next = { ...alert, acknowledgedBy, asked: waitedFor, outbox };
    return byAnswer(alert, next, [], answer, on, `acknowledged; ${waitedFor.join(', ')} must answer, too`);
  }
  const taken = { ...alert, status: 'acknowledged' as const, acknowledgedBy };
  return takenOn(alert, taken, after(outcomeWithin, on, hold), answer, on, 'acknowledged');
}

/** Somebody has it: everybody else who was asked is told once, and what was still to be sent is not. */
function takenOn(
  before: Alert,
  alert: Alert,
  nextActionAt: Instant,
  answer: AlertAnswer,
  on: Situation,
  reason: string,
): Transition {
  const others = before.told.filter((id) => !alert.acknowledgedBy.includes(id));
  const messages = others.map((id) => messageOf(alert, toPerson('told')(id), on));
  const next = { ...alert, nextActionAt, asked: [], outbox: messages };
  return byAnswer(before, next, messages, answer, on, reason);
}

function snoozed(alert: Alert, answer: AlertAnswer & { kind: 'snooze' }, on: Situation): Transition {
  const { longestSnoozeHours: most } = planOf(alert, on);
  const no = (why: string) => refused(alert, 'alert.snooze', 'refused-content', answer, on, why);
  if (most === null) return no('what is urgent cannot be put off');
  if (alert.status === 'overdue') return no('it is overdue: only an outcome is missing');
  if (answer.until <= on.now) return no('the moment it is put off to has passed');
  if (answer.until > later(on.now, most * hours)) return no(`it can be put off by ${most} hours at most`);
  const nextActionAt = wakeUp(alert, answer.until, on);
  const next: Alert = {
    ...alert,
    status: 'snoozed',
    version: alert.version + 1,
    nextActionAt,
    asked: [],
    acknowledgedBy: [answer.by],
    outbox: [],
  };
  return byAnswer(
    alert,
    next,
    [],
    answer,
    on,
    `put off until ${wordsFor(nextActionAt, on)}: ${inWords(answer.reason)}`,
  );
}

function resolved(alert: Alert, answer: AlertAnswer & { kind: 'resolve' }, on: Situation): Transition {
  const { outcome, by } = answer;
  if (outcome.code !== 'not-reached') {
    const next = { ...endedAlert(alert, 'resolved', `resolved by ${by}: ${outcome.code}`), outcome };
    return byAnswer(alert, next, [], answer, on, `resolved: ${inWords(outcome.code)}`);
  }
  // Nobody has spoken with the patient: this person has the alert until the next try.
  const { outcomeWithin, hold } = planOf(alert, on);
  const last = after(outcomeWithin, on, hold);
  if (outcome.nextTry <= on.now || outcome.nextTry > last)
    return refused(
      alert,
      'alert.resolve',
      'refused-content',
      answer,
      on,
      `the next try is after now, and by ${wordsFor(last, on)}`,
    );
  const taken = { ...alert, status: 'acknowledged' as const, version: alert.version + 1, acknowledgedBy: [by] };
  return takenOn(
    alert,
    taken,
    outcome.nextTry,
    answer,
    on,
    `not reached: tried again ${wordsFor(outcome.nextTry, on)}`,
  );
}

/** The therapist and whoever stands in, whoever was asked, and those who see every patient. */
function isOnTheList(alert: Alert, by: StaffId, { therapist, plan, now }: Situation): boolean {
  const own = therapist === null ? [] : [therapist, standInFor(therapist, plan, now)];
  return [...alert.told, ...own, ...staffWith('supervisor', plan), ...staffWith('clinical-lead', plan)].includes(by);
}

function planOf(alert: Alert, on: Situation): TierPlan {
  return on.plan.tiers[alert.tier];
}

/** The step of this number, or the last where the plan has become shorter. */
function stepOf(alert: Alert, number: number, on: Situation): Step {
  return planOf(alert, on).steps.reduce((found, step, index) => (index <= number ? step : found));
}

/** A list is read in working hours: who is there then is who gets it. */
function readAt(alert: Alert, { now, plan }: Situation): Instant {
  return alert.tier === 'list' ? fromEpoch(nextWorking(toEpoch(now), plan.workingHours)) : now;
}

function after(
  { minutes = 0, hours: elapsed = 0, workingHours }: Wait,
  { now, plan }: Situation,
  hold: boolean,
): Instant {
  const at = toEpoch(now);
  const due =
    workingHours === undefined
      ? at + minutes * 60_000 + elapsed * hours
      : afterWorking(at, workingHours * hours, plan.workingHours);
  return fromEpoch(hold ? nextWorking(due, plan.workingHours) : due);
}

function wakeUp(alert: Alert, until: Instant, on: Situation): Instant {
  return planOf(alert, on).hold ? fromEpoch(nextWorking(toEpoch(until), on.plan.workingHours)) : until;
}

type Recipient = Pick<AlertMessage, 'to' | 'kind'>;

function toPerson(kind: AlertMessage['kind']): (to: StaffId) => Recipient {
  return (to) => ({ to, kind });
}

function messageOf(alert: Alert, { to, kind }: Recipient, { sequence }: Situation): AlertMessage {
  const id = sha256Hex('tandem.alert-message.v1\u0000', `${alert.id}\u0000${sequence}\u0000${kind}\u0000${to}`);
  const by = alert.tier === 'list' && kind !== 'operator' ? 'list' : 'email';
  return { id: `m-${id.slice(0, 26)}`, to, kind, by, alertId: alert.id };
}

/** A message that waits is replaced by a newer one of its kind to the same person: nobody needs both. */
function withMessages(outbox: readonly AlertMessage[], messages: readonly AlertMessage[]): AlertMessage[] {
  const replaced = ({ to, kind }: AlertMessage) => messages.some((one) => one.to === to && one.kind === kind);
  return [...outbox.filter((one) => !replaced(one)), ...messages];
}

/** By the clinic's clock. */
function wordsFor(at: Instant, { plan }: Situation): string {
  return momentInWords(at, plan.workingHours.timeZone);
}

/** "session-booked" as people write it. */
function inWords(code: string): string {
  return code.replaceAll('-', ' ');
}

function union<T>(some: readonly T[], others: readonly T[]): T[] {
  return [...new Set([...some, ...others])];
}

function detailOf({ id, status, tier, step, nextActionAt }: Alert, { plan }: Situation): { [key: string]: Json } {
  return { alert: id, status, tier, step, nextActionAt, plan: plan.hash };
}

function bySystem(
  action: string,
  before: Alert,
  alert: Alert,
  messages: readonly AlertMessage[],
  on: Situation,
  reasons: readonly string[],
  /** What the alert's own history says of it. */
  what = reasons.join('; '),
): Transition {
  const detail = { ...detailOf(alert, on), before: before.status, messages: inAudit(messages) };
  const agent = { who: 'tandem', role: 'system' };
  const rest = { source: 'alert', part: 'alert', outcome: 'success' as const, changed: true };
  const history = withHappening(alert.history, { at: on.now, what, who: agent.who });
  const audit = { action, agent, ...rest, reason: reasons.join('; '), detail };
  return { result: 'done', alert: { ...alert, history }, audit, messages };
}

function byAnswer(
  before: Alert,
  alert: Alert,
  messages: readonly AlertMessage[],
  answer: AlertAnswer,
  on: Situation,
  reason: string,
): Transition {
  const more: { [key: string]: Json } = answer.kind === 'resolve' ? { outcome: answer.outcome } : {};
  const detail = { ...detailOf(alert, on), before: before.status, messages: inAudit(messages), ...more };
  const audit = byPerson(`alert.${answer.kind}`, answer, on.plan, true, reason, detail);
  const history = withHappening(alert.history, { at: on.now, what: reason, who: answer.by });
  return { result: 'done', alert: { ...alert, history }, audit, messages };
}

function refused(
  alert: Alert,
  action: string,
  result: Exclude<AnswerResult, 'done' | 'seen-late'>,
  trigger: Answering,
  on: Situation,
  why: string = result === 'refused-person' ? 'not on the list of this alert' : 'it has changed since it was read',
): Transition {
  const audit = byPerson(action, trigger, on.plan, false, why, detailOf(alert, on));
  return { result, alert, audit: { ...audit, outcome: 'refused' }, messages: [] };
}

function byPerson(
  action: string,
  { by, enteredBy, source }: Answering,
  plan: EscalationPlan,
  changed: boolean,
  reason: string,
  detail: { [key: string]: Json },
): Omit<AuditEntry, 'rules'> {
  const role = plan.staff.find(({ id }) => id === by)?.roles.join(', ') ?? 'not on the staff list';
  return {
    action,
    agent: { who: by, role },
    source,
    part: 'alert',
    outcome: 'success',
    reason,
    changed,
    detail: enteredBy === undefined ? detail : { ...detail, enteredBy },
  };
}

function inAudit(messages: readonly AlertMessage[]): Json {
  return messages.map(({ to, kind }) => ({ to, kind }));
}
