import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Duration, Stage } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, functionRolePath, removalOf, stageName } from './deployment.ts';
import { mayTrace } from './grants.ts';

export interface WorkflowFunctionProps {
  /** The function's folder under functions/. */
  readonly name: string;
  /** What it does, for the console's list of functions. */
  readonly description: string;
  /** Stage, retention of the log, whether calls are traced, and the clinic's file. */
  readonly deployment: Deployment;
  /** Encrypts the log. */
  readonly logKey: IKey;
  /** What its code reads from the environment. */
  readonly environment: Record<string, string>;
  /** Everything the function may do besides writing its own log; nothing else is added anywhere. */
  readonly mayDo: PolicyStatement[];
  readonly timeout: Duration;
  /** In MB; CPU comes in proportion. Default: 512, where a cold start no longer gets shorter by much. */
  readonly memorySize?: number;
  /** Whether clinic.json lies beside the code. Default: no. */
  readonly readsClinic?: boolean;
  /** Commands that put more beside the code; `output` is that folder, and they run at the project's root. Default: none. */
  readonly putBeside?: (output: string) => string[];
  /** Where calls that nobody waits for go when they failed. Default: none, as for a function that a queue feeds. */
  readonly deadLetters?: IQueue;
  /** The IAM path of its role, on or below that of all functions. Default: that of all functions. */
  readonly rolePath?: string;
}

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** One of Tandem's functions: its bundle, its own log and its own role. */
export class WorkflowFunction extends Construct {
  readonly function: NodejsFunction;
  readonly logGroup: LogGroup;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: WorkflowFunctionProps) {
    super(scope, id);
    const { name, description, deployment, logKey, environment, mayDo, timeout, deadLetters } = props;
    const { memorySize = 512, readsClinic = false, rolePath = functionRolePath(deployment) } = props;
    const { putBeside = () => [] } = props;

    this.logGroup = new LogGroup(this, 'Log', {
      encryptionKey: logKey,
      retention: deployment.logRetention,
      removalPolicy: removalOf(deployment),
    });
    const policy = new ManagedPolicy(this, 'Policy', {
      path: functionRolePath(deployment),
      description: `What the function ${name} may do`,
      statements: [
        new PolicyStatement({
          sid: 'OwnLog',
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [this.logGroup.logGroupArn],
        }),
        ...mayTrace(deployment),
        ...mayDo,
      ],
    });
    this.role = new Role(this, 'Role', {
      path: rolePath,
      description: `The function ${name}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [policy],
    });
    this.function = new NodejsFunction(this, 'Function', {
      description,
      entry: join(projectRoot, 'functions', name, 'handler.ts'),
      projectRoot,
      depsLockFilePath: join(projectRoot, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize,
      timeout,
      // The CDK must not add to the role: what it may do stands in one place.
      role: this.role.withoutPolicyUpdates(),
      logGroup: this.logGroup,
      tracing: deployment.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        // Stands in every log line, and is the dimension that keeps the metrics of two stages apart.
        POWERTOOLS_SERVICE_NAME: serviceName(deployment),
        ...environment,
      },
      ...(deadLetters === undefined ? {} : { deadLetterQueue: deadLetters, retryAttempts: 0 }),
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.DEFAULT,
        sourcesContent: false,
        // Without this, packages that ship both forms are bundled in their larger one.
        mainFields: ['module', 'main'],
        // The runtime's own SDK changes under a function's feet; this one is tested.
        externalModules: [],
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          afterBundling: (_input, output) => [
            ...(readsClinic ? [`cp "${this.#clinicFile(deployment)}" "${output}/clinic.json"`] : []),
            ...putBeside(output),
          ],
        },
      },
    });
  }

  /** Part of the bundle, so that its hash, and with it the deployed code, changes with the clinic's choices. */
  #clinicFile(deployment: Deployment): string {
    const assembly = Stage.of(this)?.outdir;
    if (assembly === undefined) throw new Error('a function belongs into an app');
    const file = join(assembly, `${stageName(deployment)}-clinic.json`);
    writeFileSync(file, deployment.clinicFile);
    return file;
  }
}

/** The `service` in logs, and the one dimension of metrics. */
export function serviceName({ stage }: Pick<Deployment, 'stage'>): string {
  return `tandem-${stage}`;
}
