import type { AlertIndex, AlertName } from '../ports/alert-index.ts';
import type { AlertTokens } from '../ports/alert-tokens.ts';
import type { AlertWorkflow } from '../ports/alert-workflow.ts';

export interface DrivePorts {
  readonly alertIndex: Pick<AlertIndex, 'standing'>;
  readonly alertTokens: Pick<AlertTokens, 'newest'>;
  readonly alertWorkflow: AlertWorkflow;
}

/**
 * An alert has changed, now or long ago: it gets its workflow, or that is woken where the alert no longer says what it waits
 * for. It looks at the alert as it stands, so an old change told again does nothing. What is on the list has no workflow: no
 * e-mail of it goes out, and a whole list is due at the same moment of the morning.
 */
export async function driveAlert(
  { alertIndex, alertTokens, alertWorkflow }: DrivePorts,
  name: AlertName,
): Promise<'started' | 'woken' | 'left'> {
  const standing = await alertIndex.standing(name);
  const waiting = await alertTokens.newest(name);
  if (waiting !== null) {
    if (waiting.dueAt === standing?.dueAt) return 'left';
    await alertWorkflow.wake(waiting.token);
    return 'woken';
  }
  if (standing === null || standing.tier === 'list') return 'left';
  await alertWorkflow.start(name);
  return 'started';
}
