import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { canaryPorts, intakePorts, operatorPorts } from '../../functions/adapters/compose.ts';
import { receiveEvent } from '../../functions/receive-event.ts';
import { exampleClinic } from '../example-clinic.ts';
import { activity, now } from './changes.ts';
import { createTables } from './emulated-tables.ts';

describe('the adapters as the functions and the command line compose them', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_ENDPOINT_URL', inject('emulator').endpoint);
    vi.stubEnv('AWS_REGION', 'eu-north-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('take an event, set another aside and note a canary, all of which the command line finds', async () => {
    const tables = await createTables();
    const clinicFile = join(mkdtempSync(join(tmpdir(), 'tandem-clinic-')), 'clinic.json');
    writeFileSync(clinicFile, JSON.stringify(exampleClinic));
    const environment = {
      CARE_TABLE: tables.careTable,
      AUDIT_TABLE: tables.auditTable,
      CARE_KEY_ARN: tables.careKeyArn,
      AUDIT_KEY_ARN: tables.auditKeyArn,
      IDENTITY_KEY_ARN: tables.identityKeyArn,
      BUS_NAME: 'default',
      OPERATIONS_TOPIC_ARN: 'arn:aws:sns:eu-north-1:000000000000:operations',
      STAFF_TOPIC_PREFIX: 'arn:aws:sns:eu-north-1:000000000000:staff-',
      CLINIC_FILE: clinicFile,
    };
    const intake = intakePorts(environment);
    const events = [activity(), activity()];
    for (const event of [...events, ...events]) await receiveEvent(intake, event, now);
    const entry = { id: randomUUID(), at: now, reason: 'is not a message of the bus', body: '?' };
    await intake.setAsides.put(entry);
    const canary = randomUUID();
    await intake.canaries.arrived(canary, now);

    expect(await canaryPorts(environment).canaries.hasArrived(canary)).toBe(true);
    const operator = operatorPorts(environment, exampleClinic);
    await operator.bus.put([{ source: 'tandem.canary', detailType: 'Canary', detail: { id: canary } }]);
    const id = await operator.pseudonyms.patient('vendor-1');
    expect(await operator.patients.load(id)).toMatchObject({ version: 2 });
    expect(await operator.audit.opened(id)).toHaveLength(2);
    expect(await operator.setAsides.list()).toEqual([entry]);
    expect(await operator.setAsides.remove(entry.id, 'sent again')).toBe(true);
  });
});
