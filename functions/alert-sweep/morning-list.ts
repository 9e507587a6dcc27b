import type { AlertMessage } from '../domain/alert.ts';
import type { AlertTrigger } from '../domain/alert-lifecycle.ts';
import { decideAlert } from '../domain/decide-alert.ts';
import { type StaffId, tiers } from '../domain/escalation-plan.ts';
import { later, localDate } from '../domain/instant.ts';
import {
  isListDay,
  morningListRecord,
  nightsOfList,
  type OpenAlert,
  type PersonsList,
  personsLists,
} from '../domain/morning-list.ts';
import type { MorningList } from '../domain/night.ts';
import { mailOf } from '../domain/staff-mail.ts';
import { loadDecideCommit } from '../load-decide-commit.ts';
import type { AlertName } from '../ports/alert-index.ts';
import type { Mail } from '../ports/alert-mail.ts';
import type { MorningMails } from '../ports/morning-mails.ts';
import type { Nights } from '../ports/nights.ts';
import { PatientErased } from '../ports/patients.ts';
import type { SweepPorts } from './sweep.ts';

export interface MorningListPorts extends SweepPorts {
  readonly nights: Pick<Nights, 'morningLists'>;
  readonly morningMails: MorningMails;
}

export interface ListsSent {
  /** People who got their list. */
  readonly sent: number;
  /** People whom no e-mail reaches. */
  readonly undeliverable: number;
  /** What failed; it waits for the next run. */
  readonly failures: readonly unknown[];
}

/** Alerts read or written together: enough to keep the tables busy, few enough for one function. */
const together = 10;

/** Longer than the function lives, so that the claim ends with its holder. */
const claimMilliseconds = 60_000;

/** No alert has such an id. */
const claimName = 'morning-list';

/**
 * One e-mail for each person about everything that is not urgent, on days on which the clinic works.
 *
 *     claim -> open alerts: step due? address confirmed? -> for each person: read anew -> publish -> noted -> messages "sent"
 *
 * A list that failed leaves its messages where they were, so that the next run sends them, once. After a crash between publish and
 * note one goes out twice; after the note, the next run only marks what it carried. What comes after a person's list of the day
 * waits for the next day's.
 */
export async function sendMorningLists(ports: MorningListPorts): Promise<ListsSent> {
  const { alertClaims, clinic } = ports;
  const from = ports.now();
  const { workingHours } = clinic.escalation;
  const holder = ports.newHolder();
  const nothing = { sent: 0, undeliverable: 0, failures: [] };
  if (!isListDay(from, workingHours)) return nothing;
  if (!(await alertClaims.take(claimName, holder, from, later(from, claimMilliseconds)))) return nothing;
  try {
    const nights = await Promise.all(nightsOfList(from, workingHours).map((night) => ports.nights.morningLists(night)));
    return await sendAll(ports, nights.flat());
  } finally {
    await alertClaims.release(claimName, holder);
  }
}

async function sendAll(ports: MorningListPorts, nights: readonly MorningList[]): Promise<ListsSent> {
  const { clinic, now } = ports;
  const mailbox = mailboxes(ports);
  const found = await inGroups(await namesOfOpen(ports), (name) => readied(ports, name, mailbox));
  const failures = [...found.failures];
  let sent = 0;
  for (const { staff, alerts } of personsLists(found.done.flat(), nights, clinic.escalation, now())) {
    try {
      if (!(await mailbox.isConfirmed(staff))) continue;
      const told = await tellPerson(ports, staff, alerts, nights);
      sent += told.sent;
      failures.push(...told.failures);
    } catch (error) {
      // One person's mail must not keep the others' back.
      failures.push(error);
    }
  }
  return { sent, undeliverable: mailbox.gaps(), failures: [...failures, ...mailbox.failures] };
}

/** Every open alert: one that was on the list and has become urgent since may still have a message for it. */
async function namesOfOpen({ alertIndex }: MorningListPorts): Promise<AlertName[]> {
  const names: AlertName[] = [];
  for (const tier of tiers) {
    let cursor: string | null = null;
    do {
      const page = await alertIndex.due(tier, null, cursor);
      names.push(...page.places);
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return names;
}

/** Whose address is confirmed, asked once a run; the operators hear once of each whose is not. */
function mailboxes({ alertMail, operators, clinic }: MorningListPorts) {
  const known = new Map<StaffId, Promise<boolean>>();
  const told = new Set<StaffId>();
  const failures: unknown[] = [];
  return {
    failures,
    isConfirmed(staff: StaffId): Promise<boolean> {
      const answer = known.get(staff) ?? alertMail.isConfirmed(staff);
      known.set(staff, answer);
      return answer;
    },
    /** Nobody's next person waits for the operators. */
    async report(staff: StaffId): Promise<void> {
      if (told.has(staff)) return;
      told.add(staff);
      const text =
        `${staff} has no confirmed e-mail address, so the morning list could not be delivered. The next person gets it.` +
        `\n\nWhat to do: docs/operations.md#staff-without-mail\nStage: ${clinic.settings.deployment.stage}`;
      await operators.alert(text).catch((error: unknown) => failures.push(error));
    },
    gaps: () => told.size,
  };
}

/** The alert after the step that is due, and with whoever can be reached; [] where it has ended. */
async function readied(
  ports: MorningListPorts,
  name: AlertName,
  mailbox: ReturnType<typeof mailboxes>,
): Promise<OpenAlert[]> {
  await tell(ports, name, { kind: 'deadline' });
  for (;;) {
    const found = await reload(ports, name);
    const lost = await firstLost(found, mailbox);
    if (lost === null) return found;
    await mailbox.report(lost.to);
    await tell(ports, name, { kind: 'undeliverable', message: lost.id });
  }
}

async function firstLost(
  found: readonly OpenAlert[],
  mailbox: ReturnType<typeof mailboxes>,
): Promise<AlertMessage | null> {
  for (const message of found.flatMap(({ alert }) => alert.outbox))
    if (message.by === 'list' && !(await mailbox.isConfirmed(message.to))) return message;
  return null;
}

/** Nothing where it has ended, or its patient was erased: nobody has to be told any more. */
async function reload({ patients }: MorningListPorts, { patient, alert: id }: AlertName): Promise<OpenAlert[]> {
  try {
    const { alerts } = await patients.load(patient);
    return alerts.filter((one) => one.id === id).map((alert) => ({ patient, alert }));
  } catch (error) {
    if (error instanceof PatientErased) return [];
    throw error;
  }
}

/** Everything is read anew right before the message goes out: what has been answered meanwhile is not in it. */
async function tellPerson(
  ports: MorningListPorts,
  staff: StaffId,
  alerts: readonly OpenAlert[],
  nights: readonly MorningList[],
): Promise<{ sent: number; failures: readonly unknown[] }> {
  const { alertMail, morningMails, clinic, now } = ports;
  const again = await inGroups(alerts, ({ patient, alert }) => reload(ports, { patient, alert: alert.id }));
  const at = now();
  const list = personsLists(again.done.flat(), nights, clinic.escalation, at).find((one) => one.staff === staff);
  if (list === undefined) return { sent: 0, failures: again.failures };
  const day = localDate(at, clinic.escalation.workingHours.timeZone);
  const before = await morningMails.carried(day, staff);
  if (before === null) {
    await alertMail.send(staff, morningMailOf(ports, list));
    await morningMails.note(day, staff, list.messages, morningListRecord(day, list, clinic.hash), at);
  }
  const carried = before ?? list.messages;
  const marked = await inGroups(list.alerts, ({ patient, alert }) => {
    const messages = alert.outbox.filter(({ id }) => carried.includes(id)).map(({ id }) => id);
    return messages.length === 0
      ? Promise.resolve()
      : tell(ports, { patient, alert: alert.id }, { kind: 'sent', messages });
  });
  return { sent: before === null ? 1 : 0, failures: [...again.failures, ...marked.failures] };
}

async function tell({ patients, clinic, pause, now }: MorningListPorts, name: AlertName, trigger: AlertTrigger) {
  try {
    await loadDecideCommit(
      patients,
      name.patient,
      async (patient) => decideAlert(patient, name.alert, trigger, clinic, now()).change,
      pause,
    );
  } catch (error) {
    if (!(error instanceof PatientErased)) throw error;
  }
}

/** A few at a time, in their order; whatever fails does not stop the others. */
async function inGroups<T, R>(all: readonly T[], work: (one: T) => Promise<R>) {
  const done: R[] = [];
  const failures: unknown[] = [];
  for (let first = 0; first < all.length; first += together) {
    for (const result of await Promise.allSettled(all.slice(first, first + together).map(work))) {
      if (result.status === 'fulfilled') done.push(result.value);
      else failures.push(result.reason);
    }
  }
  return { done, failures };
}

/** The same for everybody but for its counts. */
function morningMailOf({ clinic, pageUrl }: MorningListPorts, { toAnswer, patients, answered }: PersonsList): Mail {
  const counts = { alerts: String(toAnswer), patients: String(patients), answered: String(answered) };
  return mailOf(clinic, 'morningList', { ...counts, pageUrl });
}
