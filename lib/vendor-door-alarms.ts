import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { VendorDoor } from './vendor-door.ts';

export interface VendorDoorAlarmsProps extends AlarmsProps {
  readonly door: VendorDoor;
}

/** What needs a person about events that come over HTTPS. What was set aside sounds where that is done: events-set-aside. */
export class VendorDoorAlarms extends Alarms {
  constructor(scope: Construct, id: string, { door, ...props }: VendorDoorAlarmsProps) {
    super(scope, id, props);
    const { function: answers } = door.workflow;
    this.add('vendor-door-closed', {
      metric: this.counted('VendorDoorClosed'),
      meaning: 'Events that came over HTTPS could not be put on the bus. The sender was asked to send them again.',
      remedy: 'See whether EventBridge has an outage, and whether the canary comes through.',
    });
    this.add('vendor-door-errors', {
      metric: answers.metricErrors({ period: often }),
      meaning: 'The function behind POST /events failed. The sender got no answer and should send again.',
      remedy: 'Find the error in the log of vendor-door; a wrong configuration shows at the start.',
    });
    this.add('vendor-door-throttles', {
      metric: answers.metricThrottles({ period: often }),
      meaning: 'Lambda refused to start the function behind POST /events. The sender has to send again.',
      remedy: 'See what uses up the concurrency of the account, or ask AWS for more.',
    });
    this.add('vendor-events-turned-away', {
      metric: this.counted('VendorEventTurnedAway'),
      meaning:
        'The programme sent something over HTTPS that is no event. Nothing of it is kept; the sender was told why.',
      remedy: 'Ask the sender what it got as an answer, and to mend it and send it again.',
    });
  }
}
