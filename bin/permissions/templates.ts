import { readFileSync } from 'node:fs';
import { App, CfnElement } from 'aws-cdk-lib';
import type { Deployment } from '../../lib/deployment.ts';
import { addTandem } from '../../lib/tandem.ts';

/** A resource as the template has it. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** One stack as it would be deployed. */
export interface StackTemplate {
  /** Its name without the stage's, such as "Events". */
  readonly part: string;
  readonly resources: Readonly<Record<string, Resource>>;
  /** What other stacks use of it, by the name under which they do. */
  readonly exports: ReadonlyMap<string, unknown>;
  /** Where each logical id stands in the stack, such as "Intake/Workflow/Role". */
  readonly places: ReadonlyMap<string, string>;
}

interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Export?: { Name: string } }>>;
}

/** All stacks of a stage, without bundled code. */
export function templatesOf(deployment: Deployment): StackTemplate[] {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  // A finding of cdk-nag refuses a deployment, not a page about it.
  const readOnly = { 'aws:cdk:bundling-stacks': [], '@aws-cdk/core:failSynthOnValidationErrors': false };
  const app = new App({ context: { ...context, ...readOnly } });
  const stacks = Object.values(addTandem(app, deployment)).filter((stack) => stack !== undefined);
  const assembly = app.synth();
  return stacks.map((stack) => {
    const template: Template = assembly.getStackArtifact(stack.artifactId).template;
    const elements = stack.node.findAll().filter((one) => one instanceof CfnElement);
    return {
      part: stack.node.id.replace(/^.*-/, ''),
      resources: template.Resources ?? {},
      exports: new Map(
        Object.values(template.Outputs ?? {}).flatMap(({ Value, Export }) =>
          Export === undefined ? [] : [[Export.Name, Value] as const],
        ),
      ),
      places: new Map(elements.map((one) => [String(stack.resolve(one.logicalId)), placeOf(one.node.path)])),
    };
  });
}

/** Without the stack, and without the CDK's own last step. */
function placeOf(path: string): string {
  return path.replace(/^[^/]*\//, '').replace(/\/(Resource|Default)$/, '');
}
