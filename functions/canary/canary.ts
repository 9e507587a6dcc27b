import { type Bus, type Canaries, canarySource } from '../ports/door.ts';

/** Twenty looks, with the pause the caller gives: the queue's batching window and a cold start fit well inside. */
const mostLooks = 20;

/**
 * Sends one event through the whole door and waits for it to come out at the other end. PutEvents answers success for a bus
 * that does not exist and for a rule that matches nothing; only an arrival proves anything.
 * @throws Error where it did not arrive: the function's error metric is the alarm.
 */
export async function proveDoorOpen(
  ports: { readonly bus: Bus; readonly canaries: Canaries },
  id: string,
  wait: () => Promise<void>,
): Promise<void> {
  await ports.bus.put([{ source: canarySource, detailType: 'Canary', detail: { id } }]);
  for (let look = 1; look <= mostLooks; look += 1) {
    if (await ports.canaries.hasArrived(id)) return;
    await wait();
  }
  throw new Error('the canary did not arrive: events put on the bus do not reach the queue or the function');
}
