/** Statuses FHIR gives a questionnaire response. Plain answers count as completed. */
export const responseStatuses = ['completed', 'amended', 'in-progress', 'stopped', 'entered-in-error'] as const;
export type ResponseStatus = (typeof responseStatuses)[number];

/** What identifies a response, whatever its outcome. */
export interface ResponseHeader {
  /** The sender's id of the response: a later one with the same key replaces it. Null where the sender gives none. */
  readonly responseKey: string | null;
  /** Null where the sender gives none, or one that FHIR does not have. */
  readonly status: ResponseStatus | null;
  /** When the sender says it was answered, as written: a FHIR dateTime, perhaps without a time or an offset. */
  readonly authored?: string;
}

/** A complete response. Points per item in order; `item9` is the safety item's answer, null where there is no such item. */
export interface ScoredReading extends ResponseHeader {
  readonly outcome: 'scored';
  readonly measure: string;
  readonly answers: readonly number[];
  readonly total: number;
  readonly band: string;
  readonly item9: number | null;
}

/**
 * Why no total is given: questions without an answer | not finished | contradictory or not understood | the sender
 * takes the whole response back | no measure of the clinic.
 */
export type RefusalKind = 'incomplete' | 'in-progress' | 'unreadable' | 'withdrawn' | 'unknown-measure';

/** A response without a total. `reason` is in plain words and holds nothing that a patient or sender wrote. */
export interface RefusedReading extends ResponseHeader {
  readonly outcome: 'refused';
  readonly kind: RefusalKind;
  readonly reason: string;
  /** The measure it seems to be, null where none or several fit. */
  readonly measure: string | null;
  /** Answers that could be read without doubt, in points, null for the others; empty where the measure is not known. */
  readonly answers: readonly (number | null)[];
  /** The worst that the safety item's answer can mean, null where nothing of it can be read. A refusal never hides it. */
  readonly item9: number | null;
  /** True where the safety item was answered, yet nothing of the answer could be read: a person has to ask. */
  readonly item9Unread: boolean;
  /** Numbers of the items without an answer, where the measure is known and any is missing. */
  readonly missing?: readonly number[];
}

export type Reading = ScoredReading | RefusedReading;
