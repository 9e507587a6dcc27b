import { type Dispatched, type DispatchPorts, dispatchAlert } from '../dispatch-alert.ts';
import { type AnswerWait, answerWait } from '../domain/answer-wait.ts';
import type { Instant } from '../domain/instant.ts';
import type { AlertIndex, AlertName } from '../ports/alert-index.ts';

export interface TellPorts extends DispatchPorts {
  readonly alertIndex: Pick<AlertIndex, 'standing'>;
}

/** What the workflow goes on with. It can be read in the console: ids, a time, yes or no. */
export type Told = AlertName &
  (
    | { readonly ended: true }
    | {
        readonly ended: false;
        /** When somebody has to look at it, unless it changes before. */
        readonly dueAt: Instant;
        readonly wait: AnswerWait;
      }
  );

/** Takes the alert as far as it can go now, as a sweep does, and says how long an answer can be waited for. */
export async function tellWhoIsNext(
  ports: TellPorts,
  name: AlertName,
): Promise<{ told: Told; dispatched: Dispatched }> {
  const { patient, alert } = name;
  const dispatched = await dispatchAlert(ports, name);
  const standing = await ports.alertIndex.standing(name);
  if (standing === null) return { told: { patient, alert, ended: true }, dispatched };
  const { dueAt } = standing;
  return { told: { patient, alert, ended: false, dueAt, wait: answerWait(dueAt, ports.now()) }, dispatched };
}
