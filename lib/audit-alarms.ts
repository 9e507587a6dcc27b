import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { AuditSeal } from './audit-seal.ts';

export interface AuditAlarmsProps extends AlarmsProps {
  readonly seal: AuditSeal;
}

/** What needs a person about the seals of the audit. */
export class AuditAlarms extends Alarms {
  constructor(scope: Construct, id: string, { seal, ...props }: AuditAlarmsProps) {
    super(scope, id, props);
    this.add('audit-seal-failed', {
      metric: seal.machine.machine.metricFailed({ period: often }),
      meaning:
        'A seal of the audit could not be made at any try. What was recorded since the last one can still be changed unseen.',
      remedy: 'Find the error in the log of audit-seal; where it says "stop", compare both before anything else.',
    });
    this.add('audit-seal-missing', {
      metric: this.counted('SealMade'),
      periods: 3,
      whenAbsent: true,
      meaning: 'For a quarter of an hour no seal of the audit was made.',
      remedy: 'Start the workflow audit-seal by hand, then check its schedule and its role.',
    });
    this.add('audit-seal-dead-letters', {
      metric: this.lyingIn(seal.deadLetters),
      meaning: 'The sealing of the audit could not be started.',
      remedy: 'Check the schedule and its role; once seals are made again, purge the queue.',
    });
  }
}
