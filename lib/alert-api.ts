import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { dueIndex } from './care-table.ts';
import type { DataStack } from './data-stack.ts';
import { mayDecide, tableEnvironment } from './deciding.ts';
import type { Deployment } from './deployment.ts';
import { mayQueryIndex } from './grants.ts';
import type { ClinicApi } from './http-api.ts';
import type { SignInSettings } from './sign-in.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface SignInCheckProps {
  /** Stage, log retention and the clinic's choices. */
  readonly deployment: Deployment;
  /** Tables and keys. */
  readonly data: DataStack;
  /** Whose tokens are good, and what they say. */
  readonly signIn: SignInSettings;
}

export interface AlertApiProps extends SignInCheckProps {
  readonly api: ClinicApi;
}

/** Answers that take longer than API Gateway waits for are of no use to anybody. */
const timeout = Duration.seconds(25);

/** In front of every route: who is asking? Whoever is not signed in is refused, and the refusal recorded. */
export class SignInCheck extends Construct {
  readonly workflow: WorkflowFunction;

  constructor(scope: Construct, id: string, { deployment, data, signIn }: SignInCheckProps) {
    super(scope, id);
    const { audience } = signIn;
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'api-authorizer',
      description: 'Finds out who is asking, and records every refusal',
      deployment,
      logKey: data.keys.operations,
      // API Gateway waits ten seconds for an authorizer.
      timeout: Duration.seconds(10),
      readsClinic: true,
      environment: {
        ...tableEnvironment(data),
        SIGN_IN_ISSUER: signIn.issuer,
        SIGN_IN_CLIENT_ID: signIn.clientId,
        ...(audience === null ? {} : { SIGN_IN_AUDIENCE: audience }),
        SIGN_IN_STAFF_CLAIM: signIn.staffClaim,
        SIGN_IN_ROLES_CLAIM: signIn.rolesClaim,
      },
      mayDo: mayDecide(data, ['dynamodb:GetItem']),
    });
  }
}

/** What the care team's page asks: who am I, which alerts, what about this one; and its answers to an alert. */
export class AlertApi extends Construct {
  readonly workflow: WorkflowFunction;

  constructor(scope: Construct, id: string, { deployment, data, signIn, api }: AlertApiProps) {
    super(scope, id);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'alert-api',
      description: 'Shows alerts to whom they concern, and takes their answers',
      deployment,
      logKey: data.keys.operations,
      timeout,
      // More than others: a person waits for it.
      memorySize: 1024,
      readsClinic: true,
      environment: {
        ...tableEnvironment(data),
        SIGN_IN_ISSUER: signIn.issuer,
        SIGN_IN_CLIENT_ID: signIn.clientId,
        SIGN_IN_SCOPE: signIn.scope,
      },
      mayDo: [
        ...mayDecide(data, ['dynamodb:GetItem', 'dynamodb:Query']),
        mayQueryIndex('Due', data.careTable.table, dueIndex),
      ],
    });
    const answers = this.workflow.function;
    api.route({ method: HttpMethod.GET, path: '/api/config', answers, mayAsk: 'anybody' });
    for (const path of ['/api/me', '/api/alerts', '/api/alerts/{id}'])
      api.route({ method: HttpMethod.GET, path, answers });
    for (const answer of ['acknowledge', 'snooze', 'resolve'])
      api.route({ method: HttpMethod.POST, path: `/api/alerts/{id}/${answer}`, answers });
  }
}
