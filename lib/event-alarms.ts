import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { Canary } from './canary.ts';
import type { EventDoor } from './event-door.ts';
import type { EventIntake } from './event-intake.ts';

export interface EventAlarmsProps extends AlarmsProps {
  readonly door: EventDoor;
  readonly intake: EventIntake;
  readonly canary: Canary;
}

/** What needs a person on the way of an event into the tables. */
export class EventAlarms extends Alarms {
  constructor(scope: Construct, id: string, { door, intake, canary, ...props }: EventAlarmsProps) {
    super(scope, id, props);
    this.add('events-dead-letters', {
      metric: this.lyingIn(door.deadLetters),
      meaning: 'An event failed five times. It is kept, without its effect.',
      remedy: 'Find the error in the log of event-intake, mend the cause, then redrive the queue.',
    });
    this.add('events-undelivered', {
      metric: this.lyingIn(door.undelivered),
      meaning: 'EventBridge could not hand an event to the queue. It is kept, without its effect.',
      remedy: 'Check the policies of the queue and of the messages key, then send what waits again.',
    });
    this.add('events-set-aside', {
      metric: this.counted('EventSetAside'),
      meaning: 'An event was refused. It is kept encrypted with the reason.',
      remedy: 'Read the reason, have the sender mend it, then send it again.',
    });
    this.add('questionnaires-unreadable', {
      metric: this.counted('QuestionnaireUnreadable'),
      meaning: 'A questionnaire could not be scored. A person should read the answers today.',
      remedy: 'Tell the therapist, then see which form or measure is missing in the clinic folder.',
    });
    this.add('urgent-answer-untold', {
      metric: this.counted('AlertBeforeRecordFailed'),
      meaning: 'An urgent answer could be neither recorded nor told to anybody.',
      remedy:
        'Telephone the supervisors: they look in the programme itself. Then mend what the log of event-intake names.',
    });
    this.add('event-intake-errors', {
      metric: intake.workflow.function.metricErrors({ period: often }),
      meaning: 'The event intake failed as a whole. Its events go back to the queue.',
      remedy: 'Find the error in its log; a wrong configuration shows at the start.',
    });
    this.add('event-intake-throttles', {
      metric: intake.workflow.function.metricThrottles({ period: often }),
      meaning: 'Lambda refused to start the event intake. Events wait.',
      remedy: 'See what uses up the concurrency of the account, or ask AWS for more.',
    });
    this.add('events-waiting', {
      metric: door.events.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(1),
        statistic: Stats.MAXIMUM,
      }),
      from: 301,
      meaning: 'An event has waited for more than five minutes.',
      remedy: 'See whether the event intake runs, and whether one message comes back again and again.',
    });
    this.add('events-late', {
      metric: this.measured('EventDelay'),
      from: 61,
      meaning: 'An event took effect more than a minute after it came. An urgent answer may have waited as long.',
      remedy: 'See whether events-waiting sounds too, and which message came back in the log of event-intake.',
    });
    this.add('canary-errors', {
      metric: canary.workflow.function.metricErrors({ period: often }),
      meaning: 'An event put on the bus did not arrive. Events may be getting lost at this moment.',
      remedy: 'Follow bus, rule, queue and event intake in this order.',
    });
    this.add('canary-silent', {
      metric: canary.workflow.function.metricInvocations({ period: Duration.hours(1) }),
      periods: 2,
      whenAbsent: true,
      meaning: 'For two hours nobody has proven that events arrive.',
      remedy: 'Check the schedule Hourly of the canary and its role.',
    });
    this.add('canary-dead-letters', {
      metric: this.lyingIn(canary.deadLetters),
      meaning: 'A call of the canary failed or could not be made.',
      remedy: 'See canary-errors; once the door is open, purge the queue.',
    });
  }
}
