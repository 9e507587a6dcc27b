/** What happens to a few patients, and what goes wrong meanwhile, all of it drawn from one number. */
import type { ClinicalEvent } from '../../functions/domain/event.ts';
import { hours, instantAt } from '../../functions/domain/instant.ts';
import type { FaultRule } from '../emulator/fault-proxy.ts';
import { numbers } from '../sealed-history.ts';
import { conflict } from './through-proxy.ts';

type Draw = (n: number) => number;

export interface EmulatedHistory {
  /** Each patient's events in the order in which they happened, by the vendor's id. */
  readonly events: ReadonlyMap<string, readonly ClinicalEvent[]>;
  /** What each sender puts on the bus: every event once or twice, in any order. */
  readonly senders: readonly (readonly ClinicalEvent[])[];
  /** What goes wrong while they are taken: one of them with commits, which every event needs. */
  readonly rules: readonly FaultRule[];
  /** What goes wrong with the e-mail of alerts. */
  readonly mailRule: FaultRule;
}

const start = Date.UTC(2026, 2, 2, 9);

/** The same for the same seed. */
export function emulatedHistory(seed: number): EmulatedHistory {
  // Neighbouring seeds begin alike.
  const draw = numbers(Math.imul(seed + 1, 0x9e3779b1) >>> 0);
  for (let warm = 0; warm < 3; warm += 1) draw(2);
  const patients = Array.from({ length: 2 + draw(2) }, (_, number) => `history-${seed}-${number}`);
  const events = new Map(patients.map((patient) => [patient, eventsOf(patient, draw)]));
  const deliveries = [...events.values()].flat().flatMap((event) => (draw(2) === 0 ? [event] : [event, event]));
  const shuffled = shuffle(deliveries, draw);
  const senders = 1 + draw(3);
  return {
    events,
    senders: Array.from({ length: senders }, (_, sender) => shuffled.filter((_event, at) => at % senders === sender)),
    rules: [
      ruleOf(operations[0], seed, draw),
      ...shuffle(operations.slice(1), draw)
        .slice(0, draw(3))
        .map((operation) => ruleOf(operation, draw(whats.length), draw)),
    ],
    mailRule: { service: 'sns', operation: 'Publish', times: 1 + draw(5), ...mailWhats[seed % mailWhats.length] },
  };
}

function eventsOf(patient: string, draw: Draw): ClinicalEvent[] {
  return Array.from({ length: 3 + draw(3) }, (_, number): ClinicalEvent => {
    const common = { id: `${patient}-${number}`, patient, occurredAt: instantAt(start + number * hours) };
    if (number === 0 && draw(2) === 0) {
      const data = { programme: 'depression', track: 'therapist-supported', therapist: 's-1' } as const;
      return { ...common, type: 'PatientEnrolled', data };
    }
    if (draw(3) === 0) {
      const data = { measure: 'phq-9', answers: [1, 1, 0, 1, 0, 1, 0, 0, draw(4)] };
      return { ...common, type: 'QuestionnaireSubmitted', data };
    }
    return { ...common, type: 'PatientActive', data: { kind: 'log-in' } };
  });
}

/** What the patient answered to item 9 at worst. */
export function worstAnswer(events: readonly ClinicalEvent[]): number {
  return Math.max(
    0,
    ...events.map((event) =>
      event.type === 'QuestionnaireSubmitted' && 'answers' in event.data ? (event.data.answers[8] ?? 0) : 0,
    ),
  );
}

/** The first is called for every event. */
const operations = [
  { service: 'dynamodb', operation: 'TransactWriteItems' },
  { service: 'dynamodb', operation: 'GetItem' },
  { service: 'dynamodb', operation: 'Query' },
  { service: 'kms', operation: 'GenerateMac' },
  { service: 'kms', operation: 'GenerateDataKey' },
] as const;

const meetsAnother = { error: conflict } as const;
const lost = { response: { abort_bytes: 0 } } as const;
const whats = [
  { error: { code: 'ProvisionedThroughputExceededException' } },
  { error: { code: 'InternalServerError', status: 500 } },
  { reset: true },
  lost,
  meetsAnother,
  { error: { code: 'AccessDeniedException' } },
] as const satisfies readonly Partial<FaultRule>[];
const mailWhats = [lost, { error: { code: 'InternalError', status: 500 } }, { reset: true }] as const;

/** One of sixteen lasts until all messages lie with the dead letters, or, for conflicts, for as many calls as they meet. */
function ruleOf(operation: Pick<FaultRule, 'service' | 'operation'>, what: number, draw: Draw): FaultRule {
  const kind = whats[what % whats.length];
  const lasts = draw(16) === 0;
  const times = 1 + draw(5);
  if (!lasts) return { ...operation, times, ...kind };
  return kind === meetsAnother ? { ...operation, times: 60, ...kind } : { ...operation, ...kind };
}

/** Everything that can go wrong with a commit, as `nameOf` names it. */
export const everyFault = whats.map((what) => nameOf({ ...operations[0], ...what }));

/** A call and what goes wrong with it. */
export function nameOf({ operation, error, reset, response }: FaultRule): string {
  const what = error?.code ?? (reset === true ? 'reset' : response === undefined ? 'nothing' : 'answer lost');
  return `${operation} ${what}`;
}

function shuffle<T>(items: readonly T[], draw: Draw): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(draw(left.length), 1));
}
