#!/usr/bin/env node
import { Command } from 'commander';
import { alertsCommand } from './commands/alerts.ts';
import { assessCommand } from './commands/assess.ts';
import { auditCommand } from './commands/audit.ts';
import { checkCommand } from './commands/check.ts';
import { demoCommand } from './commands/demo.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { eventsCommand } from './commands/events.ts';
import { explainCommand } from './commands/explain.ts';
import { localCommand } from './commands/local.ts';
import { patientsCommand } from './commands/patients.ts';
import { planCommand } from './commands/plan.ts';
import { remindersCommand } from './commands/reminders.ts';
import { restoreCommand } from './commands/restore.ts';
import { scoreCommand } from './commands/score.ts';
import { sendCommand } from './commands/send.ts';
import { simulateCommand } from './commands/simulate.ts';
import { staffCommand } from './commands/staff.ts';
import { statusCommand } from './commands/status.ts';
import { trialCommand } from './commands/trial.ts';

// The reader of a pipe has seen enough, as `| head` does: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = new Command('tandem')
  .description(
    'Follows every patient of an internet CBT programme, warns before they leave or get worse, and proves what it did.',
  )
  .addHelpText(
    'after',
    '\nExample: npx tandem demo\nExit codes: 0 done, 1 the input has faults, 2 refused or not possible.',
  )
  // Commander's own exit code for a wrong call is 1, which here means "the input has faults".
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

for (const command of [
  demoCommand(),
  checkCommand(),
  eventsCommand(),
  scoreCommand(),
  assessCommand(),
  explainCommand(),
  planCommand(),
  simulateCommand(),
  evaluateCommand(),
  sendCommand(),
  alertsCommand(),
  staffCommand(),
  remindersCommand(),
  trialCommand(),
  patientsCommand(),
  auditCommand(),
  restoreCommand(),
  localCommand(),
  statusCommand(),
])
  program.addCommand(command.copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  // One line, whatever it was: what to do stands in the message of everything that is expected to happen.
  process.stderr.write(`tandem: ${error instanceof Error ? error.message : 'an unknown error'}\n`);
  process.exitCode = 2;
}
