import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { AuditReconcile } from './audit-reconcile.ts';
import type { AuditSeal } from './audit-seal.ts';

export interface AuditAlarmsProps extends AlarmsProps {
  readonly seal: AuditSeal;
  readonly reconcile: AuditReconcile;
}

/** What needs a person about the audit: its seals, and its comparison with the states. */
export class AuditAlarms extends Alarms {
  constructor(scope: Construct, id: string, { seal, reconcile, ...props }: AuditAlarmsProps) {
    super(scope, id, props);
    this.add('audit-seal-failed', {
      metric: seal.machine.machine.metricFailed({ period: often }),
      meaning:
        'A seal of the audit could not be made at any try. What was recorded since the last one can still be changed unseen.',
      remedy: 'Find the error in the log of audit-seal; where it says "stop", compare both before anything else.',
    });
    this.add('audit-seal-missing', {
      metric: this.counted('SealMade'),
      // A seal every five minutes: two empty spans are a newest seal of more than ten.
      periods: 2,
      whenAbsent: true,
      meaning: 'For ten minutes no seal of the audit was made.',
      remedy: 'Start the workflow audit-seal by hand, then check its schedule and its role.',
    });
    this.add('audit-seal-dead-letters', {
      metric: this.lyingIn(seal.deadLetters),
      meaning: 'The sealing of the audit could not be started.',
      remedy: 'Check the schedule and its role; once seals are made again, purge the queue.',
    });
    this.add('records-unreconciled', {
      metric: this.counted('RecordsUnreconciled'),
      meaning: 'A change has no audit record, or an audit record no change.',
      remedy: 'Read the e-mail of the same moment, change nothing, and tell the compliance officer.',
    });
    this.add('audit-reconcile-errors', {
      metric: reconcile.workflow.function.metricErrors({ period: often }),
      meaning: 'States could not be compared with their audit records.',
      remedy: 'Find the error in the log of audit-reconcile, then invoke the function by hand.',
    });
    this.add('audit-reconcile-silent', {
      metric: reconcile.workflow.function.metricInvocations({ period: Duration.hours(1) }),
      periods: 26,
      whenAbsent: true,
      meaning: 'For more than a day nobody has compared states with their audit records.',
      remedy: 'Invoke the function by hand, then check its schedule and the role of the schedule.',
    });
    this.add('audit-reconcile-dead-letters', {
      metric: this.lyingIn(reconcile.deadLetters),
      meaning: 'A call of the comparison of states with their audit records failed or could not be made.',
      remedy: 'See audit-reconcile-errors; once it runs again, purge the queue.',
    });
  }
}
