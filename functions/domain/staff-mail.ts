import type { Mail } from '../ports/alert-mail.ts';
import type { Clinic } from './clinic.ts';
import { type Messages, type MessageValues, renderMessage } from './message-template.ts';

/**
 * An e-mail to one of the staff: the same for everybody but for what its template leaves open.
 * @throws Error where the clinic has no messages file for its language: `tandem check` refuses such a folder.
 */
export function mailOf(
  { settings, messages }: Pick<Clinic, 'settings' | 'messages'>,
  template: Exclude<keyof Messages, 'reminder'>,
  values: Partial<MessageValues>,
): Mail {
  const found = messages[settings.language]?.[template];
  if (found === undefined)
    throw new Error(`there is no messages file for the clinic's language: add it, run npx tandem check, deploy again`);
  return { subject: found.subject, body: renderMessage(found.body, values) };
}
