import type { PatientId } from '../../domain/patient.ts';
import type { Channel } from '../../domain/reminder.ts';
import type { Contact, ReminderChannels, ReminderDelivery, ReminderMessage } from '../../ports/reminder-channels.ts';
import { type Faults, withFaults } from './faults.ts';

export interface SentReminder extends ReminderMessage {
  readonly patient: PatientId;
  readonly channel: Channel;
  readonly address: string;
}

/** Messages that go nowhere and can be read. An e-mail address counts as confirmed unless it is named otherwise. */
export class MemoryReminderChannels implements ReminderChannels {
  readonly sent: SentReminder[] = [];
  /** Numbers whose holders have said STOP. */
  readonly optedOut = new Set<string>();
  /** Addresses that nobody has confirmed. */
  readonly unconfirmed = new Set<string>();
  readonly #faults: Faults;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
  }

  reachable(_patient: PatientId, contact: Contact): Promise<readonly Channel[]> {
    return withFaults(this.#faults, 'reminderChannels.reachable', () =>
      (['sms', 'email'] as const).filter((channel) => this.#deliveryOn(channel, contact).outcome === 'accepted'),
    );
  }

  send(patient: PatientId, channel: Channel, contact: Contact, message: ReminderMessage): Promise<ReminderDelivery> {
    return withFaults(this.#faults, 'reminderChannels.send', () => {
      const delivery = this.#deliveryOn(channel, contact);
      const address = contact[channel];
      if (address !== undefined && delivery.outcome === 'accepted')
        this.sent.push({ patient, channel, address, ...message });
      return delivery;
    });
  }

  #deliveryOn(channel: Channel, contact: Contact): ReminderDelivery {
    const address = contact[channel];
    if (address === undefined) return { outcome: 'refused', reason: 'invalid-address' };
    if (this.optedOut.has(address)) return { outcome: 'refused', reason: 'opted-out' };
    if (this.unconfirmed.has(address)) return { outcome: 'refused', reason: 'no-subscription' };
    return { outcome: 'accepted' };
  }
}
