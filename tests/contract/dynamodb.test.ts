import { careItems } from '../../functions/adapters/dynamodb/care-table.ts';
import { dynamoChangedChains } from '../../functions/adapters/dynamodb/changed-chains.ts';
import { dynamoStoredRecords } from '../../functions/adapters/dynamodb/stored-records.ts';
import { alertsContract } from './alerts-contract.ts';
import { canariesContract } from './canaries-contract.ts';
import { earlyAlertsContract } from './early-alerts-contract.ts';
import { createIdentityKey, createTables, emulatedDynamoDB, processOver } from './emulated-tables.ts';
import { erasuresContract } from './erasures-contract.ts';
import { morningMailsContract } from './morning-mails-contract.ts';
import { nightsContract } from './nights-contract.ts';
import { parallelWritersContract } from './parallel-writers-contract.ts';
import { patientsContract } from './patients-contract.ts';
import { pseudonymsContract } from './pseudonyms-contract.ts';
import { remindersContract } from './reminders-contract.ts';
import { setAsidesContract } from './set-asides-contract.ts';
import { trialStopsContract } from './trial-stops-contract.ts';

const start = async () => processOver(await createTables());

async function writers() {
  const tables = await createTables();
  const client = emulatedDynamoDB();
  return {
    patients: processOver(tables).patients,
    written: () => ({
      changed: dynamoChangedChains(client, tables.careTable, careItems(client, tables.careTable)),
      records: dynamoStoredRecords(client, tables.auditTable, true),
    }),
  };
}

patientsContract('in DynamoDB', start);
parallelWritersContract('in DynamoDB', writers);
setAsidesContract('in DynamoDB', start);
nightsContract('in DynamoDB', start);
alertsContract('in DynamoDB', start);
morningMailsContract('in DynamoDB', start);
erasuresContract('in DynamoDB', start);
remindersContract('in DynamoDB', start);
trialStopsContract('in DynamoDB', start);
earlyAlertsContract('in DynamoDB', async () => (await start()).earlyAlerts);
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
