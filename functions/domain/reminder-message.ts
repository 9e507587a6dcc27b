import type { Clinic } from './clinic.ts';
import { type Messages, type ReminderTopic, renderMessage } from './message-template.ts';
import type { Reminded } from './reminder.ts';
import { safetySignals } from './safety-alert.ts';

/**
 * Whether a reminder is followed by the crisis line: a safety alert is open, or the newest answer to some safety item lies in a
 * tier (domain reference, "PHQ-9 item 9").
 */
export function carriesCrisisLine({ state, alerts }: Pick<Reminded, 'state' | 'alerts'>, clinic: Clinic): boolean {
  if (alerts.some(({ cause }) => cause === 'safety')) return true;
  const newest = new Map(safetySignals(state, clinic).map(({ measure, tier }) => [measure, tier]));
  return [...newest.values()].some((tier) => tier !== 'none');
}

/** A reminder as it goes out. The subject is for e-mail only, and always the same. */
export interface ReminderMessage {
  readonly subject: string;
  readonly text: string;
}

/**
 * The text of a reminder: in the patient's language, else in the same language of another region, else in the clinic's. It
 * says nothing about who reads it.
 */
export function reminderMessage(
  kind: ReminderTopic,
  crisisLine: boolean,
  language: string | null,
  { settings, messages }: Pick<Clinic, 'settings' | 'messages'>,
): ReminderMessage {
  const tag = [language, language?.split('-')[0], settings.language].find(
    (one) => typeof one === 'string' && Object.hasOwn(messages, one),
  );
  // `tandem check` makes sure that the clinic's own language has its file.
  const { reminder } = messages[tag as string] as Messages;
  const values = { portalUrl: settings.portalUrl, crisisLine: settings.crisisLine.text };
  const text = crisisLine ? `${reminder.texts[kind]} ${reminder.crisisLine}` : reminder.texts[kind];
  return { subject: reminder.subject, text: renderMessage(text, values) };
}
