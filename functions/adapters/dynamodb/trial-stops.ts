import type { Verdict } from '../../domain/reminder-trial-estimate.ts';
import type { TrialStops } from '../../ports/trial-stops.ts';
import { systemChainOf } from '../set-aside-audit.ts';
import { text } from './stored-item.ts';
import { type SystemChainSettings, systemChain } from './system-chain.ts';

/** The partition of trials that have ended by themselves: one item each, with numbers of nobody. */
const partition = 'reminder-trial';

export function dynamoTrialStops(settings: SystemChainSettings): TrialStops {
  const { care } = settings;
  const onChain = systemChain(settings);
  return {
    async stopOf(trial) {
      const item = await care.item(partition, trial);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only `stop` writes it
      return item === undefined ? null : { at: text(item, 'stoppedAt'), verdict: text(item, 'verdict') as Verdict };
    },
    stop: (trial, { at, verdict }, audit) =>
      onChain(systemChainOf(trial), async () => {
        if ((await care.item(partition, trial)) !== undefined) return null;
        const attributes = { stoppedAt: { S: at }, verdict: { S: verdict } };
        return { at, audit, puts: [], notes: [{ pk: partition, sk: trial, attributes, isNew: true }] };
      }),
  };
}
