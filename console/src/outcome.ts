import type { Outcome } from './contract.ts';
import { fromLocalInput } from './times.ts';
import { asksFor } from './words.ts';

/** What stands in a field of the form, by its name; empty where it is not there. */
export type Filled = (name: string) => string;

interface Read {
  /** null: something is missing or wrong, see the faults. */
  readonly outcome: Outcome | null;
  readonly faults: Readonly<Record<string, string>>;
}

/** The outcome that was filled in, or what is wrong with it, by the field's name. */
export function outcomeOf(filled: Filled, now: number): Read {
  const code = Object.keys(asksFor).find(isChosen(filled('code')));
  switch (code) {
    case undefined:
      return faulty({ code: 'Choose what came of it.' });
    case 'not-reached':
      return notReached(fromLocalInput(filled('nextTry')), now);
    case 'no-action-needed': {
      const why = filled('why');
      return why === '' ? faulty({ why: 'Write why nothing has to be done.' }) : { outcome: { code, why }, faults: {} };
    }
    case 'referred':
      return referred(filled);
    default:
      return { outcome: { code }, faults: {} };
  }
}

function notReached(nextTry: string | null, now: number): Read {
  if (nextTry === null) return faulty({ nextTry: 'Choose the day and the time of the next try.' });
  return Date.parse(nextTry) <= now
    ? faulty({ nextTry: 'Choose a time that is still to come.' })
    : { outcome: { code: 'not-reached', nextTry }, faults: {} };
}

function referred(filled: Filled): Read {
  const referral = filled('referral');
  if (referral === '') return faulty({ referral: 'Choose whether it is part of the treatment.' });
  if (referral === 'treatment') return { outcome: { code: 'referred', disclosure: null }, faults: {} };
  const disclosure = { recipient: filled('recipient'), what: filled('what'), purpose: filled('purpose') };
  const missing = {
    ...(disclosure.recipient === '' ? { recipient: 'Write who received it.' } : {}),
    ...(disclosure.what === '' ? { what: 'Write what was disclosed.' } : {}),
    ...(disclosure.purpose === '' ? { purpose: 'Write the purpose.' } : {}),
  };
  return Object.keys(missing).length > 0 ? faulty(missing) : { outcome: { code: 'referred', disclosure }, faults: {} };
}

function faulty(faults: Read['faults']): Read {
  return { outcome: null, faults };
}

function isChosen(value: string): (code: string) => code is Outcome['code'] {
  return (code): code is Outcome['code'] => code === value;
}
