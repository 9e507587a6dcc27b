import { memoryPseudonyms } from '../../functions/adapters/memory/pseudonyms.ts';
import { MemoryChangedChains } from '../../functions/adapters/memory/seal-store.ts';
import { memoryStore } from '../../functions/adapters/memory/store.ts';
import { alertsContract } from './alerts-contract.ts';
import { canariesContract } from './canaries-contract.ts';
import { earlyAlertsContract } from './early-alerts-contract.ts';
import { erasuresContract } from './erasures-contract.ts';
import { morningMailsContract } from './morning-mails-contract.ts';
import { nightsContract } from './nights-contract.ts';
import { parallelWritersContract } from './parallel-writers-contract.ts';
import { patientsContract } from './patients-contract.ts';
import { pseudonymsContract } from './pseudonyms-contract.ts';
import { remindersContract } from './reminders-contract.ts';
import { setAsidesContract } from './set-asides-contract.ts';
import { trialStopsContract } from './trial-stops-contract.ts';

async function start() {
  const store = memoryStore();
  return { ...store, auditRecords: async (chain: string) => store.auditRecords(chain) };
}

async function writers() {
  const { patients, auditRecords } = memoryStore();
  return {
    patients,
    written: (chains: readonly string[]) => {
      const changed = new MemoryChangedChains();
      for (const chain of chains)
        for (const { sequence, head } of auditRecords(chain)) changed.grew(chain, sequence, head);
      const between = (chain: string, firstSeq: number, lastSeq: number) =>
        auditRecords(chain)
          .slice(firstSeq - 1, lastSeq)
          .map((record) => ({ ...record, content: null }));
      return { changed, records: { between } };
    },
  };
}

patientsContract('in memory', start);
parallelWritersContract('in memory', writers);
setAsidesContract('in memory', start);
nightsContract('in memory', start);
alertsContract('in memory', start);
morningMailsContract('in memory', start);
erasuresContract('in memory', start);
remindersContract('in memory', start);
trialStopsContract('in memory', start);
earlyAlertsContract('in memory', async () => (await start()).earlyAlerts);
canariesContract('in memory', async () => (await start()).canaries);
pseudonymsContract('in memory', async () => ({
  one: memoryPseudonyms(Buffer.from('one clinic')),
  same: memoryPseudonyms(Buffer.from('one clinic')),
  otherClinic: memoryPseudonyms(Buffer.from('another clinic')),
}));
