import { describe, expect, it } from 'vitest';
import { deploymentOf } from '../../lib/deployment.ts';
import { exampleClinic } from '../example-clinic.ts';
import { exampleDeployment, named, ofType, only, plainId, resourcesOf, runningIn, synthesized } from './synthesis.ts';

const templates = synthesized(exampleDeployment);
const data = resourcesOf(templates.data);
const running = runningIn(templates);

interface Replica {
  readonly DeletionProtectionEnabled: boolean;
  readonly PointInTimeRecoverySpecification: object;
  readonly SSESpecification: { readonly KMSMasterKeyId: unknown };
}

describe('encryption at rest under the clinic’s own keys', () => {
  it('covers every queue, topic, log and bus, each under its key', () => {
    const keyOf = {
      'AWS::SQS::Queue': ['KmsMasterKeyId', 'Data: Keysmessages'],
      'AWS::Events::EventBus': ['KmsKeyIdentifier', 'Data: Keysmessages'],
      'AWS::SNS::Topic': ['KmsMasterKeyId', 'Data: Keysoperations'],
      'AWS::Logs::LogGroup': ['KmsKeyId', 'Data: Keysoperations'],
    } as const;
    for (const [type, [property, key]] of Object.entries(keyOf)) {
      const all = ofType(running, type);
      expect(all.length).toBeGreaterThan(0);
      for (const [id, { Properties }] of all) expect([id, named(Properties[property])]).toEqual([id, key]);
    }
  });

  it.each([
    ['CareTable', 'Keyscare'],
    ['AuditTable', 'Keysaudit'],
  ])('covers %s with %s', (name, key) => {
    const { SSESpecification } = replicaOf(name);
    expect(named(SSESpecification.KMSMasterKeyId)).toBe(key);
  });

  it('turns the keys once a year, except the one whose turning would make strangers of the patients, and the one that signs', () => {
    const rotation = ofType(data, 'AWS::KMS::Key').map(([id, { Properties }]) => [
      plainId(id),
      Properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT',
      Properties['EnableKeyRotation'],
    ]);
    expect(rotation).toEqual([
      ['Keyscare', 'SYMMETRIC_DEFAULT', true],
      ['Keysaudit', 'SYMMETRIC_DEFAULT', true],
      ['Keysidentity', 'HMAC_256', false],
      ['Keysmessages', 'SYMMETRIC_DEFAULT', true],
      ['Keysoperations', 'SYMMETRIC_DEFAULT', true],
      ['Keysbackup', 'SYMMETRIC_DEFAULT', true],
      ['Keyssigning', 'ECC_NIST_EDWARDS25519', false],
    ]);
  });
});

describe('data', () => {
  it.each(['CareTable', 'AuditTable'])(
    '%s can be brought back to any second of 35 days, and cannot be deleted',
    (name) => {
      expect(replicaOf(name)).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
      });
    },
  );

  it('has no keys that name anybody, an index of what is due, and drops what has expired', () => {
    expect(propertiesOfTable('CareTable')).toMatchObject({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'dueKind', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('of the audit never expires by itself', () => {
    expect(propertiesOfTable('AuditTable')).toMatchObject({
      KeySchema: [
        { AttributeName: 'chain', KeyType: 'HASH' },
        { AttributeName: 'sequence', KeyType: 'RANGE' },
      ],
    });
    expect(propertiesOfTable('AuditTable')['TimeToLiveSpecification']).toBeUndefined();
  });

  it('stays where it is: an update replaces no table and no key', () => {
    // CloudFormation tells one resource from another by these ids. A table under another id would be a new, empty one.
    const ids = [...ofType(data, 'AWS::DynamoDB::GlobalTable'), ...ofType(data, 'AWS::KMS::Key')].map(([id]) => id);
    expect(ids).toEqual([
      'CareTable56358AF6',
      'AuditTable6B25623D',
      'Keyscare257B1AC6',
      'KeysauditDBDF4B04',
      'KeysidentityC98FBA63',
      'Keysmessages1F50D435',
      'KeysoperationsF05CE9EE',
      'Keysbackup3AE97473',
      'KeyssigningC13DBB69',
    ]);
  });
});

describe('logs', () => {
  it('are kept as long as clinic.yaml says', () => {
    const logs = ofType(running, 'AWS::Logs::LogGroup');
    expect(logs).toHaveLength(8);
    for (const [, { Properties }] of logs) {
      expect(Properties['RetentionInDays']).toBe(exampleClinic.settings.deployment.logRetentionDays);
    }
  });

  it('follow clinic.yaml when it changes', () => {
    const { settings } = exampleClinic;
    const clinic = {
      ...exampleClinic,
      settings: { ...settings, deployment: { ...settings.deployment, logRetentionDays: 731 as const } },
    };
    const changed = runningIn(synthesized(deploymentOf(clinic)));
    for (const [, { Properties }] of ofType(changed, 'AWS::Logs::LogGroup'))
      expect(Properties['RetentionInDays']).toBe(731);
  });

  it('are each of one function or workflow, which writes nowhere else', () => {
    const ofFunctions = ofType(running, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      named((Properties['LoggingConfig'] as { LogGroup: unknown }).LogGroup),
    );
    const ofWorkflows = ofType(running, 'AWS::StepFunctions::StateMachine').flatMap(([, { Properties }]) =>
      loggingOf(Properties).Destinations.map(({ CloudWatchLogsLogGroup: { LogGroupArn } }) => named(LogGroupArn)),
    );
    expect([...ofFunctions, ...ofWorkflows].toSorted()).toEqual(
      ofType(running, 'AWS::Logs::LogGroup')
        .map(([id]) => plainId(id))
        .toSorted(),
    );
  });

  it('of a workflow name its steps, and leave out what they hand each other', () => {
    for (const [, { Properties }] of ofType(running, 'AWS::StepFunctions::StateMachine'))
      expect(loggingOf(Properties)).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
  });
});

interface Logging {
  readonly Destinations: { readonly CloudWatchLogsLogGroup: { readonly LogGroupArn: unknown } }[];
}

function loggingOf(machine: Readonly<Record<string, unknown>>): Logging {
  return machine['LoggingConfiguration'] as Logging;
}

function propertiesOfTable(name: string): Readonly<Record<string, unknown>> {
  return only(data, 'AWS::DynamoDB::GlobalTable', name);
}

function replicaOf(name: string): Replica {
  const [replica] = propertiesOfTable(name)['Replicas'] as Replica[];
  if (replica === undefined) throw new Error(`${name} has no replica`);
  return replica;
}
