import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clientSettings, dynamoDBClient, eventBridgeClient, kmsClient } from '../../functions/adapters/clients.ts';
import { readClinicFile } from '../../functions/adapters/clinic-file.ts';
import {
  alertApiPorts,
  alertDriverPorts,
  alertPorts,
  alertWorkflowPorts,
  authorizerPorts,
  canaryPorts,
  intakePorts,
  operatorPorts,
  scanPorts,
  vendorDoorPorts,
  watchdogPorts,
} from '../../functions/adapters/compose.ts';
import { canaryEnvironment, intakeEnvironment, readEnvironment } from '../../functions/adapters/environment.ts';
import { exampleClinic } from '../example-clinic.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-clinic-'));

function fileOf(content: string): string {
  const file = join(folder, 'clinic.json');
  writeFileSync(file, content);
  return file;
}

const environment = {
  CARE_TABLE: 'care',
  AUDIT_TABLE: 'audit',
  CARE_KEY_ARN: 'arn:aws:kms:eu-north-1:000000000000:key/1',
  AUDIT_KEY_ARN: 'arn:aws:kms:eu-north-1:000000000000:key/2',
  IDENTITY_KEY_ARN: 'arn:aws:kms:eu-north-1:000000000000:key/3',
  BUS_NAME: 'the-bus',
};

describe('the environment', () => {
  it('names everything that is missing or wrong, without a value', () => {
    expect(() => readEnvironment(intakeEnvironment, { CARE_TABLE: 'care', CARE_KEY_ARN: 'alias/Qvx' })).toThrow(
      /AUDIT_TABLE: .*CARE_KEY_ARN: give the full ARN of the key, not an alias or id; AUDIT_KEY_ARN: .*IDENTITY_KEY_ARN: /,
    );
    expect(() => readEnvironment(intakeEnvironment, { CARE_KEY_ARN: 'alias/Qvx' })).not.toThrow(/Qvx/);
  });

  it('gives a function nothing it was not made for', () => {
    expect(readEnvironment(canaryEnvironment, environment)).toEqual({ CARE_TABLE: 'care', BUS_NAME: 'the-bus' });
  });
});

describe('the clinic file', () => {
  it('is read beside the handler, or where the environment says', () => {
    const CLINIC_FILE = fileOf(JSON.stringify(exampleClinic));
    expect(readClinicFile({ CLINIC_FILE })).toEqual(exampleClinic);
    expect(readClinicFile({ LAMBDA_TASK_ROOT: folder })).toEqual(exampleClinic);
    expect(() => readClinicFile({})).toThrow('clinic.json cannot be read as JSON: deploy again');
  });

  it('is refused where it was changed after it was compiled: no decision carries another hash than its rules have', () => {
    const settings = { ...exampleClinic.settings, timeZone: 'Pacific/Kiritimati' };
    expect(() => readClinicFile({ CLINIC_FILE: fileOf(JSON.stringify({ ...exampleClinic, settings })) })).toThrow(
      'was changed after it was compiled: deploy again',
    );
  });

  it('is refused where who is asked was changed after it was compiled', () => {
    const escalation = { ...exampleClinic.escalation, absences: [{ staff: 't-7', from: '', until: '', cover: null }] };
    expect(() => readClinicFile({ CLINIC_FILE: fileOf(JSON.stringify({ ...exampleClinic, escalation })) })).toThrow(
      'was changed after it was compiled: deploy again',
    );
  });

  it('is refused where it is something else', () => {
    expect(() => readClinicFile({ CLINIC_FILE: fileOf('no JSON') })).toThrow('cannot be read as JSON');
    expect(() => readClinicFile({ CLINIC_FILE: fileOf('null') })).toThrow('is no configuration of a clinic');
    expect(() => readClinicFile({ CLINIC_FILE: fileOf('{"settings":{}}') })).toThrow(
      'was changed after it was compiled',
    );
  });
});

const topic = { OPERATIONS_TOPIC_ARN: 'arn:aws:sns:eu-north-1:000000000000:operations' };
const staff = { STAFF_TOPIC_PREFIX: 'arn:aws:sns:eu-north-1:000000000000:staff-' };

describe('the composition', () => {
  it('gives each function its ports', () => {
    const CLINIC_FILE = fileOf(JSON.stringify(exampleClinic));
    const tables = ['canaries', 'clinic', 'patients', 'pause', 'pseudonyms', 'setAsides'];
    expect(Object.keys(intakePorts({ ...environment, ...topic, ...staff, CLINIC_FILE })).toSorted()).toEqual(
      [...tables, 'alertMail', 'earlyAlerts', 'operators', 'soon'].toSorted(),
    );
    expect(Object.keys(canaryPorts(environment)).toSorted()).toEqual(['bus', 'canaries']);
    expect(Object.keys(vendorDoorPorts({ ...environment, CLINIC_FILE })).toSorted()).toEqual(['bus', 'clinic']);
    expect(Object.keys(operatorPorts(environment, exampleClinic)).toSorted()).toEqual(
      [...tables, 'alertIndex', 'audit', 'bus', 'erasures', 'nights', 'reviewIndex', 'trialStops'].toSorted(),
    );
    expect(Object.keys(scanPorts({ ...environment, CLINIC_FILE })).toSorted()).toEqual([
      'clinic',
      'mayPass',
      'nights',
      'now',
      'patients',
      'pause',
      'reviewIndex',
    ]);
    const page = { PAGE_URL: 'https://care.example.org' };
    expect(Object.keys(alertPorts({ ...environment, ...topic, ...staff, ...page, CLINIC_FILE })).toSorted()).toEqual([
      'alertClaims',
      'alertIndex',
      'alertMail',
      'clinic',
      'morningMails',
      'newHolder',
      'nights',
      'now',
      'operators',
      'pageUrl',
      'patients',
      'pause',
    ]);
    const signIn = { SIGN_IN_ISSUER: 'https://login.example.org', SIGN_IN_CLIENT_ID: 'page', SIGN_IN_SCOPE: 'openid' };
    const claims = { SIGN_IN_STAFF_CLAIM: 'sub', SIGN_IN_ROLES_CLAIM: 'roles' };
    expect(Object.keys(authorizerPorts({ ...environment, ...signIn, ...claims, CLINIC_FILE })).toSorted()).toEqual([
      'journal',
      'newId',
      'now',
      'rules',
      'tokens',
    ]);
    const behindTheApi = alertApiPorts({ ...environment, ...signIn, CLINIC_FILE });
    expect(Object.keys(behindTheApi).toSorted()).toEqual([
      'alertIndex',
      'clinic',
      'journal',
      'newId',
      'now',
      'patients',
      'pause',
      'signIn',
    ]);
    expect(behindTheApi.signIn).toEqual({ issuer: 'https://login.example.org', clientId: 'page', scope: 'openid' });
    const machine = { ALERT_MACHINE_ARN: 'arn:aws:states:eu-north-1:000000000000:stateMachine:therapist-alert' };
    const drives = ['alertIndex', 'alertTokens', 'alertWorkflow'];
    expect(Object.keys(alertDriverPorts({ ...environment, ...machine })).toSorted()).toEqual(drives);
    const steps = alertWorkflowPorts({ ...environment, ...topic, ...staff, ...page, ...machine, CLINIC_FILE });
    expect(Object.keys(steps)).toEqual(expect.arrayContaining([...drives, 'alertClaims', 'alertMail', 'patients']));
    expect(Object.keys(watchdogPorts({ ...environment, ...topic, CLINIC_FILE })).toSorted()).toEqual([
      'clinic',
      'nights',
      'operators',
      'reviewIndex',
    ]);
  });

  it('gives the scan no key for ids of events, which it never sees', async () => {
    const { patients } = scanPorts({ ...environment, CLINIC_FILE: fileOf(JSON.stringify(exampleClinic)) });
    await expect(patients.seen('p-1', 'ev-1')).rejects.toThrow('takes no events');
  });

  it('waits between two tries at random, below a second', async () => {
    const { pause } = intakePorts({
      ...environment,
      ...topic,
      ...staff,
      CLINIC_FILE: fileOf(JSON.stringify(exampleClinic)),
    });
    await expect(pause(0)).resolves.toBeUndefined();
  });

  it('makes one client of each kind for a process, which gives up a call without an answer', () => {
    expect(dynamoDBClient()).toBe(dynamoDBClient());
    expect(kmsClient()).toBe(kmsClient());
    expect(eventBridgeClient()).toBe(eventBridgeClient());
    expect(clientSettings.requestHandler).toMatchObject({ throwOnRequestTimeout: true, requestTimeout: 3000 });
  });
});
