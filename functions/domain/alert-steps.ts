import type { Alert } from './alert.ts';

const acknowledge = 'Acknowledge this alert first: then nobody else is asked meanwhile.';
const end = 'Say here what came of it. Only that ends the alert.';

/**
 * Plain next steps for whoever answers an alert. They point to the clinic's own protocol, which decides; no step here is a
 * clinical rule.
 * @param crisisLine where a patient in crisis finds help at once, as clinic.yaml says
 */
export function whatToDo({ cause, tier }: Pick<Alert, 'cause' | 'tier'>, crisisLine: string): string[] {
  const steps = cause === 'safety' ? safety[tier](crisisLine) : others[cause];
  return [acknowledge, ...steps, end];
}

const safety: { readonly [tier in Alert['tier']]: (crisisLine: string) => string[] } = {
  urgent: (crisisLine) => [
    'Call the patient now, and assess the danger as your clinic’s protocol says.',
    'Where there is danger now, call the emergency number of the place where the patient is.',
    `Make sure that the patient knows where to find help at once: ${crisisLine}.`,
    'Where you cannot reach the patient, follow the protocol for it and tell your supervisor.',
  ],
  alert: (crisisLine) => [
    'Get in touch with the patient today, and assess the danger as your clinic’s protocol says.',
    `Make sure that the patient knows where to find help at once: ${crisisLine}.`,
  ],
  list: () => ['Read the answer, and talk about it at the next contact; earlier where anything else gives you cause.'],
};

const others: { readonly [cause in Exclude<Alert['cause'], 'safety'>]: readonly string[] } = {
  deterioration: [
    'Read the reasons above, and look at the patient’s last questionnaires in the programme.',
    'Ask the patient how things are, and adapt the plan where it does not help.',
  ],
  dropout: ['Read the reasons above.', 'Write or call, ask what stands in the way, and agree on the next small step.'],
  unassigned: ['Name a therapist for this patient in the programme.', 'Until then you are the one they have.'],
  unanswered: ['Get in touch with the patient in another way than by reminders, and ask whether they want any.'],
};
