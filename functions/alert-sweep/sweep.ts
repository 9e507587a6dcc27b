import { type DispatchPorts, dispatchAlert } from '../dispatch-alert.ts';
import { tiers } from '../domain/escalation-plan.ts';
import type { AlertIndex } from '../ports/alert-index.ts';

export interface SweepPorts extends DispatchPorts {
  readonly alertIndex: AlertIndex;
}

export interface Swept {
  /** Alerts that were looked at. */
  readonly alerts: number;
  readonly sent: number;
  readonly undeliverable: number;
  /** As of `Dispatched`. */
  readonly urgentDelays: readonly number[];
  readonly failures: readonly unknown[];
}

/**
 * Drives every alert that is due, what is urgent first, until none is left or `goOn` says stop; the next sweep goes on. The
 * alert item is the truth: whatever became of the run that wrote it, it is found here again. An alert that cannot be driven
 * does not stop the others, and stays due.
 */
export async function sweepAlerts(ports: SweepPorts, goOn: () => boolean): Promise<Swept> {
  const until = ports.now();
  const urgentDelays: number[] = [];
  const failures: unknown[] = [];
  let [alerts, sent, undeliverable] = [0, 0, 0];
  for (const tier of tiers) {
    let cursor: string | null = null;
    do {
      const page = await ports.alertIndex.due(tier, until, cursor);
      for (const place of page.places) {
        if (!goOn()) return { alerts, sent, undeliverable, urgentDelays, failures };
        alerts += 1;
        try {
          const done = await dispatchAlert(ports, place);
          sent += done.sent;
          undeliverable += done.undeliverable;
          urgentDelays.push(...done.urgentDelays);
          failures.push(...done.failures);
        } catch (error) {
          failures.push(error);
        }
      }
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return { alerts, sent, undeliverable, urgentDelays, failures };
}
