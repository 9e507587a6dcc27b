import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { findDeployment } from '../../bin/deployment.ts';

const cloudFormation = mockClient(CloudFormationClient);
beforeEach(() => {
  cloudFormation.reset();
});

const stackWith = (Outputs: object[]) => ({
  Stacks: [{ StackName: 'a stack', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' as const, Outputs }],
});

describe('a deployment', () => {
  it('is found by the outputs of its stacks', async () => {
    cloudFormation.on(DescribeStacksCommand).resolves(stackWith([]));
    cloudFormation
      .on(DescribeStacksCommand, { StackName: 'Tandem-production-Audit' })
      .resolves(stackWith([{ OutputKey: 'LogOrigin', OutputValue: 'tandem/1/eu/production' }, { OutputKey: 'Empty' }]));
    expect(await findDeployment('production')).toEqual({
      stage: 'production',
      outputs: { LogOrigin: 'tandem/1/eu/production' },
    });
  });

  it('that is not there is named, with what to do', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(new Error('does not exist'));
    await expect(findDeployment('production')).rejects.toThrow('no stack Tandem-production-Data in this account');
  });

  it('is not called missing where it is the credentials that are, such as those of a role that asks for a code', async () => {
    const refusal = Object.assign(new Error('no MFA code callback'), { name: 'CredentialsProviderError' });
    cloudFormation.on(DescribeStacksCommand).rejects(refusal);
    await expect(findDeployment('production')).rejects.toThrow('docs/audit.md#who-may-open-it');
  });
});
