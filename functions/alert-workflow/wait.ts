import type { Instant } from '../domain/instant.ts';
import type { AlertIndex, AlertName } from '../ports/alert-index.ts';
import type { AlertTokens, AlertWaiting } from '../ports/alert-tokens.ts';
import type { AlertWorkflow } from '../ports/alert-workflow.ts';

export interface WaitPorts {
  readonly alertIndex: Pick<AlertIndex, 'standing'>;
  readonly alertTokens: Pick<AlertTokens, 'keep'>;
  readonly alertWorkflow: Pick<AlertWorkflow, 'wake'>;
  readonly now: () => Instant;
}

/**
 * Leaves word how the workflow can be woken, and looks once more, in this order:
 *
 *     workflow:  looked at the alert . . . keeps the token, looks again
 *     driver:                             sees a change, reads the token
 *
 * A change before the second look is seen here, one after it finds the token: none is slept through.
 */
export async function waitForAnswer(ports: WaitPorts, name: AlertName, waiting: AlertWaiting): Promise<void> {
  await ports.alertTokens.keep(name, waiting, ports.now());
  const standing = await ports.alertIndex.standing(name);
  if (standing?.dueAt !== waiting.dueAt) await ports.alertWorkflow.wake(waiting.token);
}
