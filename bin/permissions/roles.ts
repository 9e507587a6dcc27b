import * as z from 'zod';
import {
  conditionInWords,
  type Policy,
  policySchema,
  principalInWords,
  type Right,
  rightsOf,
  type Statement,
} from './statements.ts';
import type { Resource, StackTemplate } from './templates.ts';
import { type Words, wordsOf } from './words.ts';

/** A role of the stage, and all that it may do. */
export interface Role {
  /** As its description says: "The function event-intake". */
  readonly what: string;
  /** Such as "Events/Intake/Workflow/Role". */
  readonly place: string;
  /** The IAM path, which policies of keys can name. */
  readonly path: string;
  readonly takenOnBy: string;
  readonly rights: readonly Right[];
}

const roleSchema = z.object({
  Description: z.string().optional(),
  Path: z.string().default('/'),
  AssumeRolePolicyDocument: z.object({ Statement: z.array(z.unknown()) }),
  ManagedPolicyArns: z.array(z.unknown()).default([]),
  Policies: z.array(z.object({ PolicyDocument: policySchema })).default([]),
});
type RoleInTemplate = z.output<typeof roleSchema>;

const referenceSchema = z.object({ Ref: z.string() });
const attachedSchema = z.object({ PolicyDocument: policySchema, Roles: z.array(referenceSchema).default([]) });

/**
 * Every role of every stack, in the order of the stacks.
 * @throws Error where a right is given in a way that would not be seen here.
 */
export function rolesOf(templates: readonly StackTemplate[], region: string): Role[] {
  return templates.flatMap((template) => {
    const words = wordsOf(template, templates, region);
    const seen = new Set<string>();
    const roles = ofType(template, 'AWS::IAM::Role').map(([id, { Properties }]) => {
      const role = roleSchema.parse(Properties);
      const policies = [...managed(role, template, words, seen), ...besideIt(id, template, seen), ...inline(role)];
      return roleInWords(`${template.part}/${template.places.get(id)}`, role, policies, words);
    });
    for (const [id, { Type }] of Object.entries(template.resources))
      if (Type.startsWith('AWS::IAM::') && Type !== 'AWS::IAM::Role' && !seen.has(id))
        throw new Error(
          `${template.part}/${template.places.get(id)} gives a right: bin/permissions/roles.ts has to see it`,
        );
    return roles;
  });
}

function roleInWords(place: string, role: RoleInTemplate, policies: readonly Policy[], words: Words): Role {
  const { Description, Path, AssumeRolePolicyDocument } = role;
  return {
    what: Description ?? place,
    place,
    path: Path,
    takenOnBy: policySchema
      .parse(AssumeRolePolicyDocument)
      .Statement.map((statement) => takenOn(statement, words))
      .join(', or by '),
    rights: rightsOf(
      policies.flatMap(({ Statement }) => Statement),
      words,
    ),
  };
}

function managed(
  { ManagedPolicyArns }: RoleInTemplate,
  { resources }: StackTemplate,
  words: Words,
  seen: Set<string>,
): Policy[] {
  return ManagedPolicyArns.map((arn) => {
    const { data: reference } = referenceSchema.safeParse(arn);
    const policy = reference && resources[reference.Ref];
    if (policy === undefined) return keptByAws(words(arn));
    seen.add(reference?.Ref ?? '');
    return attachedSchema.parse(policy.Properties).PolicyDocument;
  });
}

function besideIt(role: string, template: StackTemplate, seen: Set<string>): Policy[] {
  return ofType(template, 'AWS::IAM::Policy').flatMap(([id, { Properties }]) => {
    const { PolicyDocument, Roles } = attachedSchema.parse(Properties);
    if (!Roles.some(({ Ref }) => Ref === role)) return [];
    seen.add(id);
    return [PolicyDocument];
  });
}

function inline({ Policies }: RoleInTemplate): Policy[] {
  return Policies.map(({ PolicyDocument }) => PolicyDocument);
}

/** AWS says what is in it, and may change it. */
function keptByAws(arn: string): Policy {
  const Action = `all that ${arn.replace(/^.*:policy\//, '')} says`;
  return policySchema.parse({ Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
}

function takenOn({ Principal, Condition }: Statement, words: Words): string {
  const onlyIf = conditionInWords(Condition, words);
  return `${principalInWords(Principal, words)}${onlyIf === '' ? '' : `, only if ${onlyIf}`}`;
}

function ofType({ resources }: StackTemplate, type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, { Type }]) => Type === type);
}
