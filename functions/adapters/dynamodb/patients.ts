import { genesis } from '../../domain/audit-chain.ts';
import { canonicalText } from '../../domain/canonical.ts';
import { reminderId } from '../../domain/decide-reminder.ts';
import type { ClinicalEvent } from '../../domain/event.ts';
import { type PatientSnapshot, restored, snapshotOf, unknownPatient } from '../../domain/patient.ts';
import { PatientErased, type Patients } from '../../ports/patients.ts';
import type { Pseudonyms } from '../../ports/pseudonyms.ts';
import { openCare } from '../kms/envelope.ts';
import { alertAttributes, alertKey, alertOwnerNote } from './alert-index.ts';
import type { CareTable } from './care-table.ts';
import { nightLineNote } from './nights.ts';
import { reminderDueNotes } from './reminder-index.ts';
import { dueAttributes } from './review-index.ts';
import { type Item, number, text } from './stored-item.ts';
import type { TransactionWriter } from './transaction.ts';

export function dynamoPatients(
  care: CareTable,
  writer: TransactionWriter,
  pseudonyms: Pick<Pseudonyms, 'event'>,
): Patients {
  async function content<T>(owner: string, item: Item, attribute: 'content' | 'snapshot'): Promise<T> {
    const { care: key } = await care.keysOf(owner);
    const opened = await openCare(key, owner, text(item, 'sk'), text(item, attribute));
    return JSON.parse(new TextDecoder().decode(opened));
  }

  return {
    async load(id) {
      const head = await care.item(id, 'head');
      if (head === undefined) return unknownPatient(id, genesis(id));
      const erasedAt = head['erasedAt']?.S;
      if (erasedAt !== undefined) throw new PatientErased(id, erasedAt);
      const snapshot = restored(await content<Partial<PatientSnapshot>>(id, head, 'snapshot'));
      const [version, hash, foldedUnder] = [number(head, 'version'), text(head, 'head'), text(head, 'foldedUnder')];
      return { ...snapshot, id, version, head: hash, foldedUnder };
    },

    async history(id) {
      const items = await care.itemsUnder(id, 'event#');
      return Promise.all(items.map((item) => content<ClinicalEvent>(id, item, 'content')));
    },

    async seen(id, eventId) {
      const key = await pseudonyms.event(eventId);
      const marker = await care.item(`event#${key}`, 'event');
      if (marker === undefined) return { kind: 'never' };
      if (text(marker, 'patient') !== id) return { kind: 'other-patient' };
      const event = await care.item(id, `event#${key}`);
      // The two were written together and neither is ever removed: one without the other is damage, not news.
      if (event === undefined)
        throw new Error(`an event of ${id} is marked as stored, but is not: restore the care table`);
      return { kind: 'same-patient', event: await content<ClinicalEvent>(id, event, 'content') };
    },

    async commit(patient, change) {
      const marker = change.event === null ? null : await pseudonyms.event(change.event.id);
      await writer.write({
        chain: patient,
        at: change.at,
        audit: change.audit,
        snapshot: {
          foldedUnder: change.foldedUnder,
          content: bytesOf(snapshotOf(change.patient)),
          attributes: dueAttributes(patient.id, change.patient.reviewAt),
        },
        puts: [
          ...(marker === null ? [] : [{ key: `event#${marker}`, content: bytesOf(change.event), isNew: true }]),
          ...change.changedAlerts.map((alert) => ({
            key: alertKey(alert.id),
            content: bytesOf(alert),
            attributes: alertAttributes(alert),
          })),
          ...change.assessments.map((assessment) => ({
            key: `assessment#${assessment.kind}#${assessment.at}`,
            content: bytesOf(assessment),
          })),
          ...change.reminders.map((reminder) => ({
            key: `reminder#${reminderId(reminder.key)}`,
            content: bytesOf(reminder),
          })),
        ],
        ...(marker !== null && { marker }),
        notes: [
          ...change.changedAlerts.map((alert) => alertOwnerNote(alert, patient.id)),
          ...reminderDueNotes(patient, change.patient.reminderAt),
          ...(change.night === null ? [] : [nightLineNote(change.night)]),
        ],
      });
    },
  };
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalText(value));
}
