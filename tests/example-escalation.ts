import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Alert, newAlert } from '../functions/domain/alert.ts';
import { type AlertTrigger, type Situation, type Transition, transition } from '../functions/domain/alert-lifecycle.ts';
import { fromEpoch, toEpoch } from '../functions/domain/epoch.ts';
import {
  compilePlan,
  type EscalationFile,
  type EscalationPlan,
  escalationSchema,
} from '../functions/domain/escalation-plan.ts';
import type { Instant } from '../functions/domain/instant.ts';
import { clinicFolder } from './example-clinic.ts';

/** The escalation plan that the project ships, as written, with some of it replaced. */
export function escalationOf(change: object = {}): EscalationFile {
  const written: object = parse(readFileSync(join(clinicFolder, 'escalation.yaml'), 'utf8'));
  return escalationSchema.parse({ ...written, ...change });
}

/** The same, compiled for a clinic in UTC: working hours are 09:00 to 17:00. */
export function planOf(change: object = {}): EscalationPlan {
  return compilePlan(escalationOf(change), {}, 'UTC');
}

/** One alert, told its triggers by hand. The clock starts on Monday 2026-03-02 at 10:00. */
export class AlertUnderTest {
  alert: Alert;
  now: Instant = '2026-03-02T10:00:00.000Z';
  plan: EscalationPlan;
  therapist: string | null = 't-7';
  sequence = 0;
  /** Every transition so far. */
  readonly log: Transition[] = [];

  constructor(tier: Alert['tier'], plan: EscalationPlan = planOf(), now?: Instant) {
    this.plan = plan;
    this.now = now ?? this.now;
    this.alert = newAlert({ id: 'a-1', cause: 'safety', tier, evidence: [] }, this.now);
  }

  /** Moves the clock: "10:30" the same day, or a whole instant without its seconds. */
  at(time: string): this {
    const text = time.length > 5 ? time : `${this.now.slice(0, 11)}${time}`;
    this.now = `${text}:00.000Z`;
    return this;
  }

  wait(minutes: number): this {
    this.now = fromEpoch(toEpoch(this.now) + minutes * 60_000);
    return this;
  }

  tell(trigger: AlertTrigger): Transition | null {
    const { therapist, plan, now } = this;
    this.sequence += 1;
    const situation: Situation = { therapist, plan, now, sequence: this.sequence };
    const next = transition(this.alert, trigger, situation);
    if (next === null) return null;
    this.alert = next.alert;
    this.log.push(next);
    return next;
  }

  /** The messages of one more look at the clock, as "kind to". */
  drive(): string[] {
    return wordsOf(this.tell({ kind: 'deadline' }));
  }

  acknowledge(by: string, version = this.alert.version) {
    return this.tell({ kind: 'acknowledge', by, version, source: 'portal' });
  }

  resolve(by: string, version = this.alert.version) {
    return this.tell({ kind: 'resolve', by, version, outcome: { code: 'reached' }, source: 'portal' });
  }

  snooze(by: string, until: Instant, version = this.alert.version) {
    return this.tell({ kind: 'snooze', by, version, until, reason: 'in-contact', source: 'portal' });
  }
}

export function wordsOf(next: Transition | null): string[] {
  return (next?.messages ?? []).map(({ kind, to }) => `${kind} ${to}`);
}
