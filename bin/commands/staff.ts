import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { Command } from 'commander';
import { subscribed } from '../../functions/adapters/sns/alert-mail.ts';
import { staffTopicSuffix } from '../../functions/adapters/sns/staff-topic.ts';
import type { Clinic } from '../../functions/domain/clinic.ts';
import { type DeploymentOptions, findDeployment, Refused, withDeploymentOptions } from '../deployment.ts';
import { clinicOf } from '../open-deployment.ts';
import { table } from '../table.ts';

/** `tandem staff`: whose address alerts reach. */
export function staffCommand(): Command {
  return new Command('staff')
    .description('who of the staff gets alerts by e-mail: compare, subscribe, confirm')
    .addCommand(listCommand())
    .addCommand(subscribeCommand())
    .addCommand(confirmCommand());
}

function listCommand(): Command {
  return withDeploymentOptions(new Command('list'))
    .description('everybody of escalation.yaml, and whether the address there is confirmed')
    .option('--json', 'print one JSON object a line')
    .addHelpText(
      'after',
      '\nExample: npx tandem staff list --stage production\nExit codes: 0 everybody is confirmed, 1 somebody is not, 2 not possible.',
    )
    .action(async (options: DeploymentOptions & { json?: true }) => {
      const { clinic, prefix } = await openTopics(options);
      const client = new SNSClient({});
      const rows = await Promise.all(
        clinic.escalation.staff.map(async ({ id, roles, email }) => ({
          id,
          roles,
          email,
          mail: await subscribed(client, prefix, id, email),
        })),
      );
      process.stdout.write(
        options.json === true
          ? rows.map((row) => `${JSON.stringify(row)}\n`).join('')
          : `${table(
              ['staff', 'roles', 'expected', 'found'],
              rows.map(({ id, roles, email, mail }) => [id, roles.join(', '), email, mail]),
            )}\n`,
      );
      process.exitCode = rows.every(({ mail }) => mail === 'confirmed') ? 0 : 1;
    });
}

function subscribeCommand(): Command {
  return withDeploymentOptions(new Command('subscribe'))
    .description('ask AWS to send this person the e-mail with which an address is confirmed')
    .argument('<id>', 'the staff id of escalation.yaml')
    .addHelpText(
      'after',
      '\nExample: npx tandem staff subscribe t-7 --stage production\nThe person does not click its link, but hands it over: npx tandem staff confirm t-7 LINK',
    )
    .action(async (id: string, options: DeploymentOptions) => {
      const { clinic, prefix } = await openTopics(options);
      await subscribe(new SNSClient({}), prefix, clinic, id);
      process.stdout.write(`${id} gets an e-mail with a link. Next: npx tandem staff confirm ${id} LINK\n`);
    });
}

function confirmCommand(): Command {
  return withDeploymentOptions(new Command('confirm'))
    .description('confirm an address so that nobody but the clinic can cancel it again')
    .argument('<id>', 'the staff id of escalation.yaml')
    .argument('<token>', 'the link "Confirm subscription" of the e-mail, or the token in it')
    .addHelpText(
      'after',
      '\nExample: npx tandem staff confirm t-7 "https://sns.…&Token=…" --stage production\nWhy not by a click: mail scanners follow unsubscribe links; confirmed here, unsubscribing asks for a sign-in.',
    )
    .action(async (id: string, link: string, options: DeploymentOptions) => {
      const { clinic, prefix } = await openTopics(options);
      await confirm(new SNSClient({}), prefix, clinic, id, link);
      process.stdout.write(`${id} is confirmed\n`);
    });
}

/** Subscribes the address that escalation.yaml names. */
export async function subscribe(client: SNSClient, prefix: string, clinic: Clinic, id: string): Promise<void> {
  const { email } = personOf(clinic, id);
  await client.send(new SubscribeCommand({ TopicArn: topicOf(prefix, id), Protocol: 'email', Endpoint: email }));
}

/** @throws Refused where the link belongs to somebody else's topic. */
export async function confirm(
  client: SNSClient,
  prefix: string,
  clinic: Clinic,
  id: string,
  link: string,
): Promise<void> {
  personOf(clinic, id);
  const { topic, token } = partsOf(link);
  const TopicArn = topicOf(prefix, id);
  if (topic !== null && topic !== TopicArn)
    throw new Refused(`this link is not for ${id}: use the link of the e-mail that "staff subscribe ${id}" sent`);
  await client.send(
    // As a text: that is what the API takes.
    new ConfirmSubscriptionCommand({ TopicArn, Token: token, AuthenticateOnUnsubscribe: 'true' }),
  );
}

function partsOf(link: string): { topic: string | null; token: string } {
  if (!URL.canParse(link)) return { topic: null, token: link };
  const { searchParams } = new URL(link);
  const token = searchParams.get('Token');
  if (token === null) throw new Refused('the link has no token: copy the whole link "Confirm subscription"');
  return { topic: searchParams.get('TopicArn'), token };
}

function personOf({ escalation }: Clinic, id: string) {
  const person = escalation.staff.find((one) => one.id === id);
  if (person === undefined) throw new Refused(`escalation.yaml has no staff id ${id}: add the person, then deploy`);
  return person;
}

function topicOf(prefix: string, id: string): string {
  return `${prefix}${staffTopicSuffix(id)}`;
}

async function openTopics({ stage, clinic: folder }: DeploymentOptions) {
  const clinic = clinicOf(folder);
  const { outputs } = await findDeployment(stage);
  const prefix = outputs['StaffTopicPrefix'];
  if (prefix === undefined) throw new Refused(`the stack Tandem-${stage}-Alerts names no topics: deploy it again`);
  return { clinic, prefix };
}
