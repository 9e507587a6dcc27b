import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Deployment, deploymentOf } from '../lib/deployment.ts';
import { loadClinic } from './clinic-folder.ts';
import { type ResourceRight, rightsFromResources } from './permissions/from-resources.ts';
import { type Role, rolesOf } from './permissions/roles.ts';
import { actionsInWords, type Right } from './permissions/statements.ts';
import { type StackTemplate, templatesOf } from './permissions/templates.ts';

/** A region by a name that nothing else in a template has. */
export const documentedRegion = 'us-east-1';

/** The shipped clinic's stage without what makes one clinic's rights look different from another's: names, staff, choices. */
export function documentedDeployment(): Deployment {
  const read = loadClinic(fileURLToPath(new URL('../clinic', import.meta.url)));
  if ('faults' in read) throw new Error('the clinic folder has faults: run npx tandem check');
  const { account: _, ...deployment } = deploymentOf(read.clinic, 'STAGE');
  const usual = { staff: ['somebody'], tables: {}, signIn: null, tracing: false };
  return { ...deployment, ...usual, region: documentedRegion };
}

/** docs/permissions.md: who may do what to what, from the templates of every stack. */
export function permissionDocument(templates: readonly StackTemplate[]): string {
  const roles = rolesOf(templates, documentedRegion);
  return [
    '# Permissions',
    '',
    'For a clinic’s security officer: every role of a stage and all that it may do; then what tables, keys, queues, topics and buckets say',
    'themselves. Made from the templates by `npx node bin/permission-docs.ts`; do not edit it by hand. A test checks that it is current, so a change',
    'of anybody’s rights is a change of this page in the same review. Why it is as it is: [network-and-access.md](network-and-access.md).',
    '',
    'A thing is named by its stack and its place in it, as in `lib/`; `STAGE`, `ACCOUNT` and `REGION` are the deployment’s, and one topic stands for',
    'those of all staff. Tandem gives nobody else a right; what administrators and other roles of the account may do is the clinic’s to say. Where',
    '`deployment.tracing` is on, each function may besides do `xray: PutTelemetryRecords, PutTraceSegments` on `*`, and each workflow these and',
    '`xray: GetSamplingRules, GetSamplingTargets`.',
    '',
    '## Who reaches the data',
    '',
    'The same as under the roles, seen from what lies in the stack of data.',
    '',
    ...table(['What', 'Action', 'Who'], reachOf(roles)),
    '',
    '## Roles',
    ...roles.flatMap(section),
    '',
    '## What resources say themselves',
    '',
    'A denial holds against everybody, whatever their role. Where "the account" is allowed something, the account’s IAM decides who: the roles',
    'above, and its administrators. `*` is the resource itself.',
    '',
    ...table(
      ['Resource', 'Who', 'May', 'On', 'Only if'],
      rightsFromResources(templates, documentedRegion).map(resourceRow),
    ),
    '',
  ].join('\n');
}

function section({ what, place, takenOnBy, rights }: Role): string[] {
  return [
    '',
    `### ${what}`,
    '',
    `${place}. Can be taken on by ${takenOnBy}.`,
    '',
    ...table(['May', 'On', 'Only if'], rights.map(rightRow)),
  ];
}

function rightRow({ effect, actions, on, onlyIf }: Right): string[] {
  return [`${effect === 'Deny' ? 'NEVER ' : ''}${actionsInWords(actions)}`, on, onlyIf];
}

function resourceRow({ resource, who, ...right }: ResourceRight): string[] {
  return [resource, who, ...rightRow(right)];
}

/** A row for each thing of the stack of data, each way in which it may be reached, and whom that is allowed. */
function reachOf(roles: readonly Role[]): string[][] {
  const each = roles.flatMap((role) =>
    role.rights
      .filter(({ on }) => on.startsWith('Data/'))
      .flatMap(({ on, actions, onlyIf }) =>
        actions.map((action) => ({
          on: onlyIf === '' ? on : `${on}, only if ${onlyIf}`,
          action,
          who: shortName(role),
        })),
      ),
  );
  const whoDoes = [...Map.groupBy(each, ({ on, action }) => `${on}\n${action}`).values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, who: same.map(({ who }) => who).join(', ') }];
  });
  return [...Map.groupBy(whoDoes, ({ on, who }) => `${on}\n${who}`).values()]
    .flatMap((same) => {
      const [first] = same;
      return first === undefined ? [] : [[first.on, actionsInWords(same.map(({ action }) => action)), first.who]];
    })
    .toSorted((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1));
}

function shortName({ what, place }: Role): string {
  return what.startsWith('The function ') ? what.replace('The function ', '') : place.replace(/\/Role$/, '');
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [headings, headings.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll(/[|*]/g, '\\$&')).join(' | ')} |`,
  );
}

if (import.meta.main) {
  const page = permissionDocument(templatesOf(documentedDeployment()));
  writeFileSync(new URL('../docs/permissions.md', import.meta.url), page);
}
