import { alertsContract } from './alerts-contract.ts';
import { canariesContract } from './canaries-contract.ts';
import { createIdentityKey, createTables, processOver } from './emulated-tables.ts';
import { erasuresContract } from './erasures-contract.ts';
import { morningMailsContract } from './morning-mails-contract.ts';
import { nightsContract } from './nights-contract.ts';
import { patientsContract } from './patients-contract.ts';
import { pseudonymsContract } from './pseudonyms-contract.ts';
import { remindersContract } from './reminders-contract.ts';
import { setAsidesContract } from './set-asides-contract.ts';
import { trialStopsContract } from './trial-stops-contract.ts';

const start = async () => processOver(await createTables());

patientsContract('in DynamoDB', start);
setAsidesContract('in DynamoDB', start);
nightsContract('in DynamoDB', start);
alertsContract('in DynamoDB', start);
morningMailsContract('in DynamoDB', start);
erasuresContract('in DynamoDB', start);
remindersContract('in DynamoDB', start);
trialStopsContract('in DynamoDB', start);
canariesContract('in DynamoDB', async () => (await start()).canaries);
pseudonymsContract('by KMS', async () => {
  const tables = await createTables();
  const otherClinic = { ...tables, identityKeyArn: await createIdentityKey() };
  return {
    one: processOver(tables).pseudonyms,
    same: processOver(tables).pseudonyms,
    otherClinic: processOver(otherClinic).pseudonyms,
  };
});
