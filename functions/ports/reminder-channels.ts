import type { PatientId, PatientState } from '../domain/patient.ts';
import type { Channel } from '../domain/reminder.ts';

/** A patient's addresses as the events gave them. */
export type Contact = NonNullable<PatientState['contact']>;

/** What leaves in clear: the same for every patient. */
export interface ReminderMessage {
  /** For e-mail only. */
  readonly subject: string;
  readonly body: string;
}

/** What the service answered. Refused: nothing has left, and nothing will without a change. */
export type ReminderDelivery =
  | { readonly outcome: 'accepted' }
  | {
      readonly outcome: 'refused';
      readonly reason: 'opted-out' | 'no-subscription' | 'invalid-address' | 'spend-limit';
    };

/** The service did not take the message, for want of time or of a right: certainly not sent. It can be tried again while its window lasts. */
export class ChannelBusy extends Error {
  override readonly name = 'ChannelBusy';
}

/** The ways on which a reminder reaches a patient. Accepted by the service is not arrived: nobody tells Tandem that. */
export interface ReminderChannels {
  /**
   * Which channels can reach this patient now (e-mail only with a confirmed subscription; SMS not opted out). Where `contact`
   * prefers e-mail and its address was never asked, the patient is sent AWS's mail to confirm it, once for each address: ask only
   * about somebody who has agreed to reminders, and at an hour at which one may go out.
   */
  reachable(patient: PatientId, contact: Contact): Promise<readonly Channel[]>;
  /**
   * At most one message for one call. Resolves once the service has answered; throws where it is not known whether it took the
   * message.
   * @throws ChannelBusy where it did not.
   */
  send(patient: PatientId, channel: Channel, contact: Contact, message: ReminderMessage): Promise<ReminderDelivery>;
}
