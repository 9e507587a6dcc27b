import type { Clinic } from '../domain/clinic.ts';
import type { Change } from '../domain/decide.ts';
import {
  decideReminderOutcome,
  decideReminderRecheck,
  decideReminderRound,
  type ReminderOutcome,
} from '../domain/decide-reminder.ts';
import { reviewNeedsHistory } from '../domain/decide-review.ts';
import type { Instant } from '../domain/instant.ts';
import type { Patient, PatientId, PatientState } from '../domain/patient.ts';
import type { Channel, ReminderRecord } from '../domain/reminder.ts';
import { type ReminderMessage, reminderMessage } from '../domain/reminder-message.ts';
import type { PlannedReminder } from '../domain/reminder-plan.ts';
import { loadDecideCommit, type Pause } from '../load-decide-commit.ts';
import { Conflict, PatientErased, type Patients } from '../ports/patients.ts';
import { ChannelBusy, type Contact, type ReminderChannels } from '../ports/reminder-channels.ts';
import type { ReminderIndex } from '../ports/reminder-index.ts';

export interface ReminderRoundPorts {
  readonly patients: Patients;
  readonly reminderIndex: ReminderIndex;
  readonly reminderChannels: ReminderChannels;
  readonly clinic: Clinic;
  readonly pause: Pause;
  readonly now: () => Instant;
  /** Waits until one more message may leave: the services take only so many in a second. */
  readonly pace: () => Promise<void>;
  /** Whether an error may be gone at the next try: the shard is then tried again, and no patient is blamed for it. */
  readonly mayPass: (error: unknown) => boolean;
}

/** Where a round stands in a shard. */
export interface RoundPage {
  readonly shard: number;
  /** Patients are due whose moment lies at or before this one. */
  readonly until: Instant;
  /** null: from the start of the shard. */
  readonly cursor: string | null;
}

/** What became of reminders in a part of a round. */
export interface RoundCounts {
  /** Patients who were due. */
  readonly patients: number;
  readonly sent: number;
  /** The channel did not take it, and will not. */
  readonly failed: number;
  /** Not sent, by the rules: too late, done, too many… */
  readonly dropped: number;
  /** Dropped after the claim, since the patient did something meanwhile. */
  readonly cancelled: number;
  /** The service was busy: tried again by the next round. */
  readonly busy: number;
  /** A claim that a crash left behind: not known whether it reached the patient, and not sent again. */
  readonly unknown: number;
}

/** Something that failed, and whose: an opaque id. The patient stays due. */
export interface RoundFailure {
  readonly patient: PatientId;
  readonly error: unknown;
}

export interface RoundPart {
  /** Where to go on; a cursor of null with `done`: nowhere. */
  readonly page: RoundPage;
  readonly done: boolean;
  readonly counts: RoundCounts;
  readonly failures: readonly RoundFailure[];
}

const nothing: RoundCounts = { patients: 0, sent: 0, failed: 0, dropped: 0, cancelled: 0, busy: 0, unknown: 0 };

/**
 * Looks at everyone due of a shard until none is left, or `goOn` says stop; the part's page is where to go on. Each reminder goes
 * out at most once, however many rounds run, overlap or are killed. One bad record does not stop the others.
 */
export async function remindShard(ports: ReminderRoundPorts, page: RoundPage, goOn: () => boolean): Promise<RoundPart> {
  let counts = nothing;
  const failures: RoundFailure[] = [];
  let { cursor } = page;
  do {
    const found = await ports.reminderIndex.due(page.shard, page.until, cursor);
    for (const { id } of found.due) {
      // The page is read again: whoever was looked at is no longer due.
      if (!goOn()) return { page: { ...page, cursor }, done: false, counts, failures };
      try {
        counts = plus(counts, await remind(ports, id));
      } catch (error) {
        // Lost to others every time: still due, and the next round looks.
        if (error instanceof Conflict) continue;
        // Erased since the index named them, or since their reminder was claimed: there is nothing to note.
        if (error instanceof PatientErased) continue;
        if (ports.mayPass(error)) throw error;
        failures.push({ patient: id, error });
      }
    }
    cursor = found.cursor;
  } while (cursor !== null);
  return { page: { ...page, cursor }, done: true, counts, failures };
}

/** One patient: claim, and where something is claimed, send. */
async function remind(ports: ReminderRoundPorts, id: PatientId): Promise<Partial<RoundCounts>> {
  const { patients, clinic, now } = ports;
  const decision = await committed(
    ports,
    id,
    async (patient) => {
      const history = reviewNeedsHistory(patient, clinic) ? await patients.history(id) : null;
      return decideReminderRound(patient, history, clinic, now());
    },
    (decided) => decided?.change ?? null,
  );
  if (decision === null) return {};
  const { change, send } = decision;
  const having = (outcome: ReminderRecord['outcome']) =>
    change.reminders.filter((record) => record.outcome === outcome).length;
  const looked = { ...nothing, patients: 1, dropped: having('dropped'), unknown: having('unknown') };
  return send === null ? looked : plus(looked, await sendClaimed(ports, id, send));
}

/**
 * Sends what is claimed, unless what the patient did since stands against it, and notes what became of it. Where the service's
 * answer is not known this throws and leaves the claim, which the next round closes as "unknown".
 */
async function sendClaimed(
  ports: ReminderRoundPorts,
  id: PatientId,
  { key, kind }: PlannedReminder,
): Promise<Partial<RoundCounts>> {
  const { clinic, now } = ports;
  await ports.pace();
  const { state, recheck } = await committed(
    ports,
    id,
    async (patient) => ({ state: patient.state, recheck: decideReminderRecheck(patient, key, clinic, now()) }),
    (decided) => (decided.recheck?.verdict === 'cancel' ? decided.recheck.change : null),
  );
  if (recheck === null) return {};
  if (recheck.verdict === 'cancel') return { cancelled: 1 };
  const message = reminderMessage(kind, recheck.crisisLine, state.language, clinic);
  const delivered = await deliver(ports, id, state, recheck.channels, message);
  await committed(
    ports,
    id,
    async (patient) => decideReminderOutcome(patient, key, delivered.result, clinic, now()),
    (change) => change,
  );
  if ('error' in delivered) throw delivered.error;
  return { [countedAs[delivered.result.outcome]]: 1 };
}

const countedAs = { sent: 'sent', failed: 'failed', waiting: 'busy' } as const;

/** What became of a send; with `error`, nothing was sent since the channels could not be asked. */
type Delivered = { readonly result: ReminderOutcome } | { readonly result: ReminderOutcome; readonly error: unknown };

/** By the first channel that reaches the patient; where none does, the preferred one says why. */
async function deliver(
  { reminderChannels }: ReminderRoundPorts,
  id: PatientId,
  { contact }: PatientState,
  channels: readonly [Channel, ...Channel[]],
  { subject, text }: ReminderMessage,
): Promise<Delivered> {
  // The order of the patient's channels stands above what came with the addresses.
  const addresses: Contact = { ...contact, preferred: channels[0] };
  let reachable: readonly Channel[];
  try {
    reachable = await reminderChannels.reachable(id, addresses);
  } catch (error) {
    return { result: { outcome: 'waiting' }, error };
  }
  const channel = channels.find((one) => reachable.includes(one)) ?? channels[0];
  try {
    const delivery = await reminderChannels.send(id, channel, addresses, { subject, body: text });
    if (delivery.outcome === 'accepted') return { result: { outcome: 'sent', channel } };
    return { result: { outcome: 'failed', channel, reason: delivery.reason } };
  } catch (error) {
    if (error instanceof ChannelBusy) return { result: { outcome: 'waiting' } };
    throw error;
  }
}

/** Load, decide, commit; answers with the decision that was committed. */
async function committed<T>(
  { patients, pause }: ReminderRoundPorts,
  id: PatientId,
  decide: (patient: Patient) => Promise<T>,
  changeIn: (decision: T) => Change | null,
): Promise<T> {
  const decisions: T[] = [];
  await loadDecideCommit(
    patients,
    id,
    async (patient) => {
      const decision = await decide(patient);
      decisions.splice(0, 1, decision);
      return changeIn(decision);
    },
    pause,
  );
  const [decision] = decisions;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- loadDecideCommit decides at least once
  return decision as T;
}

function plus(counts: RoundCounts, more: Partial<RoundCounts>): RoundCounts {
  return {
    patients: counts.patients + (more.patients ?? 0),
    sent: counts.sent + (more.sent ?? 0),
    failed: counts.failed + (more.failed ?? 0),
    dropped: counts.dropped + (more.dropped ?? 0),
    cancelled: counts.cancelled + (more.cancelled ?? 0),
    busy: counts.busy + (more.busy ?? 0),
    unknown: counts.unknown + (more.unknown ?? 0),
  };
}
