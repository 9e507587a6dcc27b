import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AlertApi, SignInCheck } from './alert-api.ts';
import { ApiAlarms } from './api-alarms.ts';
import { ConsolePage } from './console-page.ts';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { ClinicApi } from './http-api.ts';
import { signInSettings } from './sign-in.ts';
import { VendorDoor } from './vendor-door.ts';
import { VendorDoorAlarms } from './vendor-door-alarms.ts';

export interface ApiStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** Tables and keys, and who may sign in. */
  readonly data: DataStack;
  /** Who hears of what goes wrong. */
  readonly topic: ITopic;
  /** Where the programme's events go. */
  readonly bus: EventBus;
}

/** What can be reached over HTTPS. It holds nothing that cannot be deployed anew. */
export class ApiStack extends Stack {
  readonly api: ClinicApi;

  constructor(scope: Construct, id: string, { deployment, data, topic, bus, ...props }: ApiStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove what this stack uses from the others.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const logKey = data.keys.operations;
    this.api = new ClinicApi(this, 'Https', { deployment, logKey });
    const signIn = signInSettings(this, { deployment, directory: data.directory, address: this.api.url });
    const signInCheck = new SignInCheck(this, 'SignInCheck', { deployment, data, signIn });
    this.api.checkSignInBy(signInCheck.workflow.function);
    const alertApi = new AlertApi(this, 'AlertApi', { deployment, data, signIn, api: this.api });
    new ApiAlarms(this, 'Alarms', { deployment, topic, api: this.api, signInCheck, alertApi });
    const pages = data.directory === undefined ? [] : [data.directory.pages];
    const signInOrigins = [new URL(signIn.issuer).origin, ...(deployment.signIn?.tokenOrigins ?? []), ...pages];
    new ConsolePage(this, 'Console', { deployment, logKey, signInOrigins, api: this.api });

    const door = new VendorDoor(this, 'VendorDoor', { deployment, data, bus, api: this.api });
    new VendorDoorAlarms(this, 'VendorDoorAlarms', { deployment, topic, door });

    const outputs = {
      ApiUrl: this.api.url,
      ApiId: this.api.api.apiId,
      VendorDoorFunction: door.workflow.function.functionName,
      SignInIssuer: signIn.issuer,
      SignInClientId: signIn.clientId,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
