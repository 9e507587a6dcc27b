import {
  actionsInWords,
  conditionInWords,
  type Policy,
  policySchema,
  principalInWords,
  type Right,
  rightsOf,
} from './statements.ts';
import type { Resource, StackTemplate } from './templates.ts';
import { type Words, wordsOf } from './words.ts';

/** What a resource's own policy allows or denies somebody. */
export interface ResourceRight extends Right {
  /** Such as "Data/Keys/audit". */
  readonly resource: string;
  readonly who: string;
}

/** Every policy that a resource of any stack carries itself, wherever in its properties it stands, and who may call functions. */
export function rightsFromResources(templates: readonly StackTemplate[], region: string): ResourceRight[] {
  return templates.flatMap((template) => {
    const words = wordsOf(template, templates, region);
    return Object.entries(template.resources)
      .filter(([, { Type }]) => !Type.startsWith('AWS::IAM::'))
      .flatMap(([id, resource]) => {
        if (resource.Type === 'AWS::Lambda::Permission') return [mayCall(resource, words)];
        const place = `${template.part}/${template.places.get(id)}`;
        return policiesIn(resource.Properties).flatMap((policy) => rightsIn(policy, place, words));
      })
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  });
}

function keyOf({ resource, who, effect, actions, on, onlyIf }: ResourceRight): string {
  return [resource, who, effect, on, onlyIf, actionsInWords(actions)].join('\n');
}

function rightsIn({ Statement }: Policy, resource: string, words: Words): ResourceRight[] {
  const byWhom = Map.groupBy(Statement, ({ Principal }) => principalInWords(Principal, words));
  return [...byWhom].flatMap(([who, statements]) =>
    rightsOf(statements, words).map((right) => ({ resource, who, ...right })),
  );
}

function mayCall({ Properties }: Resource, words: Words): ResourceRight {
  const { Action, FunctionName, Principal, SourceArn, SourceAccount } = Properties;
  const from = { ...(SourceArn !== undefined && { 'aws:SourceArn': [SourceArn] }) };
  const of = { ...(SourceAccount !== undefined && { 'aws:SourceAccount': [SourceAccount] }) };
  return {
    resource: words(FunctionName),
    who: words(Principal),
    effect: 'Allow',
    actions: [words(Action)],
    on: '*',
    onlyIf: conditionInWords({ ArnLike: from, StringEquals: of }, words),
  };
}

/** Found by their shape: what kind of resource carries one, and under which property, is not to be kept up here. */
function policiesIn(value: unknown): Policy[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value) return [policySchema.parse(value)];
  return Object.values(value).flatMap(policiesIn);
}
