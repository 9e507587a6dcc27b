import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { Dashboard } from './dashboard.ts';
import type { Deployment } from './deployment.ts';

export interface DashboardStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** The stacks whose alarms it shows. */
  readonly watched: readonly Stack[];
}

/**
 * One page that says how a stage is doing. It names what it shows and takes nothing of the other stacks, so that it never stands in
 * the way of changing them.
 */
export class DashboardStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, watched, ...props }: DashboardStackProps) {
    super(scope, id, props);
    const all: IConstruct[] = watched.flatMap((stack) => stack.node.findAll());
    new Dashboard(this, 'Dashboard', { deployment, constructs: all });
  }
}
