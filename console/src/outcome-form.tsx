import { useState } from 'preact/hooks';
import type { AlertDetail, Outcome } from './contract.ts';
import { Choices, type Faults, Field, textOf, useFocusOnFault } from './field.tsx';
import { type Filled, outcomeOf } from './outcome.ts';
import { SendButton } from './send-button.tsx';
import { quarterHourIn, toLocalInput } from './times.ts';
import { asksFor } from './words.ts';

interface OutcomeFormProps extends Pick<AlertDetail, 'outcomes'> {
  readonly sending: boolean;
  readonly onSend: (outcome: Outcome) => Promise<void>;
}

const referrals = [
  { value: 'treatment', label: 'Yes' },
  { value: 'disclosure', label: 'No, so it has to be accounted for' },
];

/** What came of an alert, with the fields that this outcome asks for. */
export function OutcomeForm({ outcomes, sending, onSend }: OutcomeFormProps) {
  const [code, setCode] = useState('');
  const [referral, setReferral] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const form = useFocusOnFault(faults);
  const [suggested] = useState(() => toLocalInput(quarterHourIn(1, Date.now())));

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const filledIn = new FormData(event.currentTarget);
    const read: Filled = (name) => textOf(filledIn, name);
    const { outcome, faults: found } = outcomeOf(read, Date.now());
    setFaults(found);
    if (outcome !== null) await onSend(outcome);
  };
  const asked = Object.entries(asksFor).find(([one]) => one === code)?.[1];
  const choices = outcomes.filter((one) => one.code in asksFor).map((one) => ({ value: one.code, label: one.label }));
  return (
    <form ref={form} class="answer-form" noValidate onSubmit={submit} aria-label="Resolve the alert">
      <Choices name="code" legend="What came of it" choices={choices} faults={faults} onChoose={setCode} />
      {asked === 'next try' && (
        <Field name="nextTry" label="Next try" hint="On your clock. The alert stays yours until then." faults={faults}>
          {(control) => <input type="datetime-local" required defaultValue={suggested} {...control} />}
        </Field>
      )}
      {asked === 'why' && (
        <Field
          name="why"
          label="Why nothing has to be done"
          hint="It is kept, encrypted, with the alert."
          faults={faults}
        >
          {(control) => <textarea rows={3} maxLength={500} required {...control} />}
        </Field>
      )}
      {asked === 'disclosure' && (
        <Choices
          name="referral"
          legend="Is the referral part of the patient’s treatment?"
          choices={referrals}
          faults={faults}
          onChoose={setReferral}
        />
      )}
      {asked === 'disclosure' && referral === 'disclosure' && (
        <>
          <Field name="recipient" label="Who received it" hint="Name, and address if known." faults={faults}>
            {(control) => <input type="text" maxLength={500} required {...control} />}
          </Field>
          <Field name="what" label="What was disclosed" hint="In a few words." faults={faults}>
            {(control) => <textarea rows={2} maxLength={500} required {...control} />}
          </Field>
          <Field name="purpose" label="For which purpose" faults={faults}>
            {(control) => <input type="text" maxLength={500} required {...control} />}
          </Field>
        </>
      )}
      <SendButton sending={sending}>Send the outcome</SendButton>
    </form>
  );
}
