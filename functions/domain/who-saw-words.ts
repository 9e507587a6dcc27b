import * as z from 'zod';
import type { AuditRecord } from './audit-chain.ts';
import { disclosureOf } from './disclosure.ts';
import { emergencyAccess } from './emergency-access.ts';

/** What a person did, and why, in plain English: parts of a sentence without their full stop. */
export interface Deed {
  readonly did: string;
  readonly why: string;
}

const roles: Readonly<Record<string, string>> = {
  'clinical-lead': 'head of treatment',
  compliance: 'privacy staff',
  operator: 'computer staff',
  clinic: 'clinic staff',
};

/** "supervisor, clinical-lead" for a patient. */
export function roleInWords(role: string): string {
  return role
    .split(', ')
    .map((one) => roles[one] ?? one)
    .join(', ');
}

const outcomes: Readonly<Record<string, string>> = {
  reached: 'they spoke with you',
  'not-reached': 'they could not reach you and will try again',
  'plan-adapted': 'you changed your plan with them',
  'live-session-booked': 'you will have a talk with them',
  referred: 'they sent you to someone else who can help',
  'known-and-planned': 'they knew of it and it is in your plan',
  'no-action-needed': 'they found that all was well',
};

const resolved = z.object({ outcome: z.object({ code: z.string() }) });

const deeds: Readonly<Record<string, Deed>> = {
  'alert.view': { did: 'Looked at an alert about you', why: 'to see if you need help' },
  'alert.list': { did: 'Saw an alert about you in a list', why: 'to see who needs help' },
  'alert.acknowledge': { did: 'Took on an alert about you', why: 'to take care of it' },
  'alert.answer': { did: 'Answered an alert about you', why: 'to take care of it' },
  'alert.snooze': { did: 'Put off an alert about you', why: 'to come back to it soon' },
  'alert.resolve': { did: 'Closed an alert about you', why: 'it was taken care of' },
  'audit.disclosures': { did: 'Made a list of what we told others about you', why: 'someone asked for it' },
  'patient.hold': { did: 'Said that your record must be kept', why: 'for a legal reason' },
  'patient.release': {
    did: 'Said that your record need not be kept for a legal reason any more',
    why: 'the reason ended',
  },
  'patient.erase': {
    did: 'Erased your record',
    why: 'someone asked for it, or it was kept for as long as it had to be',
  },
  'audit.who-saw': { did: 'Made a list of who saw your record', why: 'someone asked for it' },
};

const looks = /\.(view|read|list|search|show)$/;

/** What a person's record tells a patient. */
export function deedOf(record: AuditRecord): Deed {
  const done = deedDone(record);
  if (record.outcome === 'success') return done;
  return { did: `Was not let in, or could not do this: ${done.did}`, why: `the log says "${record.reason}"` };
}

function deedDone(record: AuditRecord): Deed {
  const { action, changed, reason, detail } = record;
  const log = `the log says "${reason}"`;
  const disclosure = disclosureOf(record);
  if (disclosure !== null) {
    const { recipient, what, purpose } = disclosure;
    return { did: `Told someone else about you: ${recipient}. They were told: ${what}`, why: purpose };
  }
  if (action === emergencyAccess) return { did: 'Looked at your record because it could not wait', why: log };
  if (action === 'audit.export' || action === 'audit.fhir')
    return { did: 'Took a copy of the log about you', why: log };
  const deed = deeds[action];
  if (deed === undefined) {
    if (looks.test(action)) return { did: 'Looked at your record', why: log };
    return { did: `${changed ? 'Changed' : 'Used'} your record (${action})`, why: log };
  }
  if (action === 'alert.resolve') {
    const { data } = resolved.safeParse(detail);
    return { ...deed, why: outcomes[data?.outcome.code ?? ''] ?? deed.why };
  }
  const isLate = !changed && (action === 'alert.acknowledge' || action === 'alert.answer');
  return isLate ? { ...deed, why: 'someone else had taken care of it by then' } : deed;
}

const automatic: Readonly<Record<string, string>> = {
  'event.record': 'Your program told us what you did in it',
  'risk.assess': 'A computer checked how you are doing',
};

/** What a program's record tells a patient. */
export function automaticWords({ action }: AuditRecord): string {
  if (action.startsWith('alert.')) return 'A computer sent word to your care team, or got it ready';
  if (action.startsWith('reminder.')) return 'A computer sent you a note, or found that it was not time for one';
  return automatic[action] ?? `A computer did other work (${action})`;
}
