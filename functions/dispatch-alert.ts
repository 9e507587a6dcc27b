import type { Alert, AlertMessage } from './domain/alert.ts';
import type { AlertTrigger } from './domain/alert-lifecycle.ts';
import type { Clinic } from './domain/clinic.ts';
import { decideAlert } from './domain/decide-alert.ts';
import { type Instant, later, secondsBetween } from './domain/instant.ts';
import { mailOf } from './domain/staff-mail.ts';
import { loadDecideCommit, type Pause } from './load-decide-commit.ts';
import type { AlertClaims } from './ports/alert-claims.ts';
import type { AlertName } from './ports/alert-index.ts';
import type { AlertMail } from './ports/alert-mail.ts';
import type { Operators } from './ports/operators.ts';
import { PatientErased, type Patients } from './ports/patients.ts';

export interface DispatchPorts {
  readonly patients: Patients;
  readonly alertClaims: AlertClaims;
  readonly alertMail: AlertMail;
  readonly operators: Operators;
  readonly clinic: Clinic;
  /** The address of the care team's page, without a slash at its end. */
  readonly pageUrl: string;
  readonly pause: Pause;
  readonly now: () => Instant;
  /** A name for one run, never used before. */
  readonly newHolder: () => string;
}

/** How long a run may send for one alert before another may: longer than the function lives, so that a claim ends with its holder. */
export const claimMilliseconds = 60_000;

export interface Dispatched {
  readonly sent: number;
  readonly undeliverable: number;
  /** For each first message of an urgent alert that was sent: seconds since the alert was opened or raised. */
  readonly urgentDelays: readonly number[];
  /** What failed and is left in the outbox for the next run. */
  readonly failures: readonly unknown[];
}

const nothing: Dispatched = { sent: 0, undeliverable: 0, urgentDelays: [], failures: [] };

/**
 * Takes one alert as far as it can go at this moment: its next step where that is due, then every e-mail of its outbox.
 *
 *     claim -> deadline committed -> for each message: read anew -> publish -> "sent" committed -> claim released
 *
 * A crash before "sent" leaves the message in the outbox, so it goes out once more; nothing takes it out before it was
 * published. Every message is looked up anew right before it goes out: none goes out once an answer has been committed.
 */
export async function dispatchAlert(ports: DispatchPorts, name: AlertName): Promise<Dispatched> {
  const { alertClaims, now } = ports;
  const holder = ports.newHolder();
  const from = now();
  if (!(await alertClaims.take(name.alert, holder, from, later(from, claimMilliseconds)))) return nothing;
  try {
    await tell(ports, name, { kind: 'deadline' });
    return await emptyOutbox(ports, name);
  } catch (error) {
    // Erased since the index named them: nobody has to be told any more.
    if (error instanceof PatientErased) return nothing;
    throw error;
  } finally {
    await alertClaims.release(name.alert, holder);
  }
}

async function emptyOutbox(ports: DispatchPorts, name: AlertName): Promise<Dispatched> {
  const tried = new Set<string>();
  const urgentDelays: number[] = [];
  const failures: unknown[] = [];
  let [sent, undeliverable] = [0, 0];
  // One after the other: a message that cannot be delivered may put the next person's into the outbox.
  for (;;) {
    const alert = await openAlert(ports, name);
    const message = emailsOf(alert).find(({ id }) => !tried.has(id));
    if (alert === undefined || message === undefined) return { sent, undeliverable, urgentDelays, failures };
    tried.add(message.id);
    try {
      const outcome = await deliver(ports, name, message);
      if (outcome === 'sent') {
        sent += 1;
        if (isFirstOfUrgent(alert, message)) urgentDelays.push(secondsBetween(alert.raisedAt, ports.now()));
      }
      if (outcome === 'undeliverable') undeliverable += 1;
    } catch (error) {
      // One person's mail must not keep the others' back.
      failures.push(error);
    }
  }
}

/** The alert as it stands now; undefined once it has ended. */
async function openAlert({ patients }: DispatchPorts, { patient, alert }: AlertName): Promise<Alert | undefined> {
  const { alerts } = await patients.load(patient);
  return alerts.find(({ id }) => id === alert);
}

/** The e-mails of its outbox. */
function emailsOf(alert: Alert | undefined): AlertMessage[] {
  return (alert?.outbox ?? []).filter(({ by }) => by === 'email');
}

/** Later ones are late on purpose: they wait for an answer. The first may be a later step's, where the patient has no therapist. */
function isFirstOfUrgent({ tier, mailed }: Alert, { kind }: AlertMessage): boolean {
  return tier === 'urgent' && !mailed && kind !== 'operator';
}

async function deliver(
  ports: DispatchPorts,
  name: AlertName,
  message: AlertMessage,
): Promise<'sent' | 'undeliverable' | 'answered'> {
  const { alertMail } = ports;
  if (!(await alertMail.isConfirmed(message.to))) {
    await reportUndeliverable(ports, name, message);
    return 'undeliverable';
  }
  if (!emailsOf(await openAlert(ports, name)).some(({ id }) => id === message.id)) return 'answered';
  const { clinic, pageUrl } = ports;
  await alertMail.send(message.to, mailOf(clinic, 'therapistAlert', { alertId: name.alert, pageUrl }));
  await tell(ports, name, { kind: 'sent', messages: [message.id] });
  return 'sent';
}

/** The next person is asked at once, whether or not the operators can be told of the gap. */
async function reportUndeliverable(ports: DispatchPorts, name: AlertName, { id, to }: AlertMessage): Promise<void> {
  const { operators, clinic } = ports;
  const [told] = await Promise.allSettled([
    operators.alert(
      `${to} has no confirmed e-mail address, so the message of an alert could not be delivered. ` +
        `The next person is asked.\n\nWhat to do: docs/operations.md#staff-without-mail\nStage: ${clinic.settings.deployment.stage}`,
    ),
  ]);
  await tell(ports, name, { kind: 'undeliverable', message: id });
  if (told.status === 'rejected') throw told.reason;
}

async function tell({ patients, clinic, pause, now }: DispatchPorts, name: AlertName, trigger: AlertTrigger) {
  await loadDecideCommit(
    patients,
    name.patient,
    async (patient) => decideAlert(patient, name.alert, trigger, clinic, now()).change,
    pause,
  );
}
