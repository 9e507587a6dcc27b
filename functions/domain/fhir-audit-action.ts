import type { AuditRecord } from './audit-chain.ts';

/** The kind under which a record leaves as FHIR. The first five are RESTful: BALP has a profile for each. */
export type Interaction = 'create' | 'read' | 'update' | 'delete' | 'query' | 'sign-in' | 'other';

/**
 * By the last word of an action, so that a new one of a known kind needs no row of its own. What Tandem's own programs note
 * about an alert or a reminder changes it: an update.
 */
const byVerb: Readonly<Record<string, Interaction>> = {
  record: 'create',
  raise: 'create',
  open: 'create',
  create: 'create',
  assess: 'create',
  decide: 'create',
  'set-aside': 'create',
  view: 'read',
  read: 'read',
  show: 'read',
  emergency: 'read',
  export: 'read',
  disclosures: 'read',
  'who-saw': 'read',
  fhir: 'read',
  review: 'query',
  list: 'query',
  search: 'query',
  close: 'update',
  'trial-stop': 'update',
  cancel: 'update',
  return: 'update',
  send: 'update',
  hold: 'update',
  release: 'update',
  notify: 'update',
  sent: 'update',
  'sent-early': 'update',
  undeliverable: 'update',
  acknowledge: 'update',
  snooze: 'update',
  resolve: 'update',
  answer: 'update',
  update: 'update',
  change: 'update',
  remove: 'delete',
  delete: 'delete',
  erase: 'delete',
  expire: 'delete',
};

/** `other`: none that is known. A record never lacks its form: it leaves as an activity of the application. */
export function interactionOf({ action }: Pick<AuditRecord, 'action'>): Interaction {
  if (action.startsWith('sign-in.')) return 'sign-in';
  return byVerb[action.slice(action.lastIndexOf('.') + 1)] ?? 'other';
}
