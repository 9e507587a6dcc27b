import { SNSClient } from '@aws-sdk/client-sns';
import { Command } from 'commander';
import { forgetPatientTopic } from '../../functions/adapters/sns/patient-topic.ts';
import { type DeploymentOptions, Refused, withDeploymentOptions } from '../deployment.ts';
import { openDeployment } from '../open-deployment.ts';

/** `tandem reminders`: what a person may have to do about reminders to patients. */
export function remindersCommand(): Command {
  return new Command('reminders')
    .description('reminders to patients by e-mail: forget an address')
    .addCommand(forgetCommand());
}

function forgetCommand(): Command {
  return withDeploymentOptions(new Command('forget'))
    .description("delete a patient's e-mail topic with their address on it, confirmed or not")
    .argument('<patient>', "the made-up id (p-…), or the programme's id of the patient")
    .addHelpText(
      'after',
      '\nExample: npx tandem reminders forget p-0123456789abcdef --stage production\nWhen: the patient has left, or wants to be asked once more for an address they cancelled.',
    )
    .action(async (patient: string, options: DeploymentOptions) => {
      const { deployment, pseudonyms } = await openDeployment(options.stage, options.clinic);
      const prefix = deployment.outputs['PatientTopicPrefix'];
      if (prefix === undefined)
        throw new Refused(`the stack Tandem-${options.stage}-Reminders names no topics: deploy it again`);
      const id = patient.startsWith('p-') ? patient : await pseudonyms.patient(patient);
      await forgetPatientTopic({ client: new SNSClient({}), prefix }, id);
      process.stdout.write(`${id} has no e-mail topic any more\n`);
    });
}
