import * as z from 'zod';
import type { Words } from './words.ts';

const oneOrMore = <T extends z.ZodType>(one: T) =>
  z.union([z.array(one), one.transform((value): z.output<T>[] => [value])]);
const texts = oneOrMore(z.string()).default([]);
const values = oneOrMore(z.unknown()).default([]);

/** A policy as a template has it. What is not named here is refused, so that nothing is left out unseen. */
export const policySchema = z.strictObject({
  Version: z.string().optional(),
  Statement: z.array(
    z.strictObject({
      Sid: z.string().optional(),
      Effect: z.literal(['Allow', 'Deny']),
      Action: texts,
      NotAction: texts,
      Resource: values,
      NotResource: values,
      Principal: z.union([z.string(), z.record(z.string(), values)]).optional(),
      Condition: z.record(z.string(), z.record(z.string(), values)).default({}),
    }),
  ),
});
export type Policy = z.output<typeof policySchema>;
export type Statement = Policy['Statement'][number];

/** What is allowed or denied on one thing under one condition, in words. */
export interface Right {
  readonly effect: 'Allow' | 'Deny';
  /** Sorted; each with its service, such as "kms:Decrypt". */
  readonly actions: readonly string[];
  readonly on: string;
  /** Empty: always. */
  readonly onlyIf: string;
}

/** One right for each resource and condition, whatever statements it is spread over. Sorted. */
export function rightsOf(statements: readonly Statement[], words: Words): Right[] {
  const rights = statements.flatMap((statement) => {
    const { Effect: effect, Action, NotAction, Resource, NotResource } = statement;
    const actions = [...Action, ...NotAction.map((action) => `all but ${action}`)];
    const resources = [...Resource.map(words), ...NotResource.map((resource) => `all but ${words(resource)}`)];
    const onlyIf = conditionInWords(statement.Condition, words);
    return resources.map((on) => ({ effect, actions, on, onlyIf }));
  });
  const together = Map.groupBy(rights, ({ effect, on, onlyIf }) => [on, onlyIf, effect].join('\n'));
  return [...together.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, same]) => {
      const [first] = same;
      if (first === undefined) return [];
      return { ...first, actions: [...new Set(same.flatMap(({ actions }) => actions))].toSorted() };
    });
}

/** "Bool aws:SecureTransport: false"; empty where there is none. */
export function conditionInWords(condition: Statement['Condition'], words: Words): string {
  return Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => `${operator} ${key}: ${value.map(words).toSorted().join(', ')}`),
    )
    .toSorted()
    .join('; ');
}

/** "the account" is whoever its IAM lets; "everybody" is everybody. */
export function principalInWords(principal: Statement['Principal'], words: Words): string {
  if (typeof principal === 'string') return principal === '*' ? 'everybody' : principal;
  return Object.values(principal ?? {})
    .flatMap((value) => value.map(words))
    .map((name) => (name === '*' ? 'everybody' : name.replace(/^arn:\w+:iam::ACCOUNT:root$/, 'the account')))
    .toSorted()
    .join(', ');
}

/** "kms: Decrypt, Encrypt; logs: PutLogEvents" */
export function actionsInWords(actions: readonly string[]): string {
  const parts = actions.map((action) => /^(?<service>.*):(?<name>[^:]*)$/.exec(action)?.groups ?? { name: action });
  return [...Map.groupBy(parts, ({ service }) => service)]
    .map(([service, all]) => `${service === undefined ? '' : `${service}: `}${all.map(({ name }) => name).join(', ')}`)
    .join('; ');
}
