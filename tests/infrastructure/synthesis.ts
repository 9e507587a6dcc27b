import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Deployment, deploymentOf } from '../../lib/deployment.ts';
import { addTandem } from '../../lib/tandem.ts';
import { exampleClinic } from '../example-clinic.ts';

/** A resource as the template has it. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export type Resources = Readonly<Record<string, Resource>>;

/** The clinic's own stage, as `cdk synth` would deploy it. */
export const exampleDeployment: Deployment = deploymentOf(exampleClinic);
export const localDeployment: Deployment = deploymentOf(exampleClinic, 'local');

const context: unknown = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')).context;

/** An app with the context of cdk.json, which `new App()` alone does not read. No code is bundled. */
export function testApp(more: Record<string, unknown> = {}): App {
  return new App({ context: { ...(context as object), 'aws:cdk:bundling-stacks': [], ...more } });
}

/** One template for each stack. */
export interface Templates {
  readonly data: Template;
  readonly events: Template;
  readonly scan: Template;
  readonly audit: Template;
}

/** Every stack's template. Throws where cdk-nag has a finding. */
export function synthesized(deployment: Deployment): Templates {
  const { data, events, scan, audit } = addTandem(testApp(), deployment);
  return {
    data: Template.fromStack(data),
    events: Template.fromStack(events),
    scan: Template.fromStack(scan),
    audit: Template.fromStack(audit),
  };
}

/** Everything that runs: the resources of all stacks but the one of data. */
export function runningIn({ events, scan, audit }: Templates): Resources {
  const all = [events, scan, audit].flatMap((template) => Object.entries(resourcesOf(template)));
  const running = Object.fromEntries(all);
  if (Object.keys(running).length < all.length)
    throw new Error('two stacks have a resource of the same id: rename one');
  return running;
}

export function resourcesOf(template: Template): Resources {
  return template.toJSON()['Resources'] as Resources;
}

export function ofType(resources: Resources, type: string): (readonly [id: string, resource: Resource])[] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

/** The one resource of this type, or of this type and readable id. */
export function only(resources: Resources, type: string, id?: string): Resource['Properties'] {
  const found = ofType(resources, type).filter(([each]) => id === undefined || plainId(each) === id);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} resources are ${type} ${id ?? ''}`);
  return first[1].Properties;
}

export function outputsOf(template: Template): string[] {
  return Object.keys(template.toJSON()['Outputs'] as object);
}

/** The readable part of a logical id, without the hash at its end. */
export function plainId(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/** What an intrinsic refers to, in words: "DoorQueue", "Data: CareTable", "… /index/due", or the text itself. */
export function named(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as Record<string, unknown>;
  if (typeof intrinsic['Ref'] === 'string') return plainId(intrinsic['Ref']);
  const attribute = intrinsic['Fn::GetAtt'];
  if (Array.isArray(attribute)) return plainId(String(attribute[0]));
  const imported = intrinsic['Fn::ImportValue'];
  if (typeof imported === 'string') {
    const [, stack, id, stream = ''] =
      /-(Data|Events):ExportsOutput(?:FnGetAtt|Ref)(.*?)[0-9A-F]{8}(Stream)?(?:Arn)?[0-9A-F]{8}$/.exec(imported) ?? [];
    return stack === undefined ? imported : `${stack}: ${id}${stream && '/stream'}`;
  }
  const joined = intrinsic['Fn::Join'];
  if (Array.isArray(joined)) return (joined[1] as unknown[]).map(named).join('');
  return JSON.stringify(value);
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
