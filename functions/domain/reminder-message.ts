import type { Clinic } from './clinic.ts';
import { type ReminderTopic, renderMessage } from './message-template.ts';
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
 * @throws where the clinic's own language has no file, which `tandem check` refuses.
 */
export function reminderMessage(
  kind: ReminderTopic,
  crisisLine: boolean,
  language: string | null,
  { settings, messages }: Pick<Clinic, 'settings' | 'messages'>,
): ReminderMessage {
  const byLanguage = new Map(Object.entries(messages));
  const tags = [...(language === null ? [] : [language, language.replace(/-.*$/, '')]), settings.language];
  const [found] = tags.flatMap((tag) => byLanguage.get(tag) ?? []);
  if (found === undefined) throw new Error('messages: the language of clinic.yaml has no file: run npx tandem check');
  const { subject, texts, crisisLine: help } = found.reminder;
  const values = { portalUrl: settings.portalUrl, crisisLine: settings.crisisLine.text };
  return { subject, text: renderMessage(crisisLine ? `${texts[kind]} ${help}` : texts[kind], values) };
}
