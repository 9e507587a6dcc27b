import type { Clinic } from '../domain/clinic.ts';
import { type Reading, readQuestionnaire } from '../domain/questionnaire.ts';

/** One message of the bus, as the queue holds it. */
export interface BusMessage {
  /** What EventBridge calls it: opaque, and the same at its every delivery; null where it does not come from there. */
  readonly reference: string | null;
  readonly source: string;
  readonly detailType: string;
  readonly detail: Fields;
  /** The answers in it, whatever else is wrong with it: a fault elsewhere must not hide item 9. null: there are none. */
  readonly answers: Answers | null;
}

interface Fields {
  readonly [key: string]: unknown;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether it is one of the ids that AWS and this product give: nothing that anybody wrote. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}

/** @param body an EventBridge envelope in JSON; null: it is none. */
export function readBusMessage(body: string, clinic: Clinic): BusMessage | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isRecord(parsed)) return null;
  const { id, source, 'detail-type': detailType, detail } = parsed;
  if (typeof source !== 'string' || typeof detailType !== 'string' || !isRecord(detail)) return null;
  const answers = answersIn(detailType, detail, clinic);
  return { reference: isUuid(id) ? id : null, source, detailType, detail, answers };
}

/** The answers of a questionnaire. */
export interface Answers {
  /** The vendor's id of the patient. */
  readonly patient: string;
  readonly reading: Reading;
}

function answersIn(detailType: string, { patient, data }: Fields, clinic: Clinic): Answers | null {
  if (detailType !== 'QuestionnaireSubmitted' || typeof patient !== 'string' || patient === '' || !isRecord(data))
    return null;
  return { patient, reading: readQuestionnaire(data, clinic.measures) };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
