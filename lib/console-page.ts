import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Deployment } from './deployment.ts';
import type { ClinicApi } from './http-api.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface ConsolePageProps {
  /** Stage and retention of the log. */
  readonly deployment: Deployment;
  /** Encrypts the log. */
  readonly logKey: IKey;
  /** What the page may call beside its own address: the origins of the sign-in's pages and tokens. */
  readonly signInOrigins: readonly string[];
  /** At whose address the page is. */
  readonly api: ClinicApi;
}

/**
 * The care team's page, at the address that the e-mails name. It is built at synthesis and served by a function, which may do
 * nothing but write its log. Anybody may open it: it holds nothing of anybody until somebody signs in.
 */
export class ConsolePage extends Construct {
  readonly workflow: WorkflowFunction;

  constructor(scope: Construct, id: string, { deployment, logKey, signInOrigins, api }: ConsolePageProps) {
    super(scope, id);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'console',
      description: 'Serves the care team’s page',
      deployment,
      logKey,
      timeout: Duration.seconds(10),
      environment: { SIGN_IN_ORIGINS: [...new Set(signInOrigins)].join(' ') },
      mayDo: [],
      putBeside: (output) => [`npx vite build console --outDir "${output}/page" --emptyOutDir --logLevel warn`],
    });
    for (const path of ['/', '/alerts/{id}', '/assets/{proxy+}'])
      for (const method of [HttpMethod.GET, HttpMethod.HEAD])
        api.route({ method, path, answers: this.workflow.function, mayAsk: 'anybody' });
  }
}
