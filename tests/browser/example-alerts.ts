import type { Alert, AlertDetail } from '../../console/src/contract.ts';

const minute = 60_000;

/** Made-up alerts of one therapist, as of a moment. */
export function exampleAlerts(now: number): AlertDetail[] {
  const at = (minutes: number) => new Date(now + minutes * minute).toISOString();
  const alert = (id: string, rest: Partial<Alert>): Alert => ({
    id,
    tier: 'alert',
    cause: 'deterioration',
    status: 'open',
    patient: 'p-4k7q2m9x',
    openedAt: at(-90),
    raisedAt: at(-90),
    nextActionAt: at(150),
    snoozedUntil: null,
    acknowledgedBy: [],
    version: 1,
    ...rest,
  });
  const outcomes = [
    { code: 'reached', label: 'The patient was spoken with' },
    { code: 'not-reached', label: 'The patient could not be reached: try again' },
    { code: 'plan-adapted', label: 'The plan was adapted with the patient' },
    { code: 'live-session-booked', label: 'A live session is booked' },
    { code: 'referred', label: 'The patient was referred to somebody else' },
    { code: 'known-and-planned', label: 'Known already, and part of the plan' },
    { code: 'no-action-needed', label: 'Nothing has to be done' },
  ];
  const patient = {
    id: 'p-4k7q2m9x',
    programmeId: 'learner-2041',
    programme: 'depression',
    track: 'therapist-supported',
    therapist: 't-7',
    timeZone: 'America/Los_Angeles',
  };
  return [
    {
      alert: alert('a-list-1', {
        tier: 'list',
        cause: 'dropout',
        patient: 'p-8h3w5c1r',
        status: 'acknowledged',
        acknowledgedBy: ['t-7'],
      }),
      patient: { ...patient, id: 'p-8h3w5c1r' },
      why: ['No activity for 9 days (2 points)', 'Module 3 is 6 days behind its pace (1 point)'],
      whatToDo: ['Write to the patient today, and ask what would help to go on.'],
      history: [
        { at: at(-90), what: 'opened', who: 'tandem' },
        { at: at(-90), what: 'asked t-7 (step 1): it was opened', who: 'tandem' },
        { at: at(-70), what: 'acknowledged', who: 't-7' },
      ],
      outcomes,
      snooze: { allowed: true, until: at(3 * 24 * 60) },
    },
    {
      alert: alert('a-same-day-1', { patient: 'p-2n6t9d4j' }),
      patient: { ...patient, id: 'p-2n6t9d4j', track: null, programmeId: null },
      why: ['PHQ-9 went from 11 to 17: more than chance and measurement error explain'],
      whatToDo: ['Look at the answers with the patient, and adapt the plan.'],
      history: [{ at: at(-90), what: 'opened', who: 'tandem' }],
      outcomes,
      snooze: { allowed: true, until: at(2 * 24 * 60) },
    },
    {
      alert: alert('a-urgent-1', {
        tier: 'urgent',
        cause: 'safety',
        openedAt: at(-1410),
        raisedAt: at(-12),
        nextActionAt: at(18),
        version: 3,
      }),
      patient,
      why: [
        'Nov 24, 2026, 10:00 AM EST: PHQ-9, the question about self-harm: answer 2 (before: 1).',
        'Nov 25, 2026, 9:18 AM EST: PHQ-9, the question about self-harm: answer 3 (before: 2).',
      ],
      whatToDo: [
        'Acknowledge this alert first: then nobody else is asked meanwhile.',
        'Call the patient now, and assess the danger as your clinic’s protocol says.',
        'Where there is danger now, call the emergency number of the place where the patient is.',
        'Make sure that the patient knows where to find help at once: call or text 988.',
        'Where you cannot reach the patient, follow the protocol for it and tell your supervisor.',
        'Say here what came of it. Only that ends the alert.',
      ],
      history: [
        { at: at(-1410), what: 'opened', who: 'tandem' },
        { at: at(-1410), what: 'asked t-7 (step 1): it was opened', who: 'tandem' },
        { at: at(-1410), what: 'sent: e-mail to t-7', who: 'tandem' },
        { at: at(-1365), what: 'acknowledged', who: 't-7' },
        { at: at(-12), what: 'became more serious', who: 'tandem' },
        { at: at(-12), what: 'asked t-7 (step 1): it became more serious', who: 'tandem' },
        { at: at(-11), what: 'sent: e-mail to t-7', who: 'tandem' },
      ],
      outcomes,
      snooze: { allowed: false, until: null },
    },
  ];
}
