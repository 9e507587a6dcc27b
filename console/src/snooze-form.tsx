import { useState } from 'preact/hooks';
import type { Instant, SnoozeReason } from './contract.ts';
import { Choices, type Faults, Field, textOf, useFocusOnFault } from './field.tsx';
import { SendButton } from './send-button.tsx';
import { useSession } from './session.ts';
import { fromLocalInput, momentInWords, quarterHourIn, toLocalInput } from './times.ts';
import { snoozeWords } from './words.ts';

interface SnoozeFormProps {
  /** The latest moment to which it can be put off. */
  readonly latest: Instant | null;
  readonly sending: boolean;
  readonly onSend: (until: Instant, reason: SnoozeReason) => Promise<void>;
}

const reasons = Object.entries(snoozeWords).map(([value, label]) => ({ value, label }));

export function SnoozeForm({ latest, sending, onSend }: SnoozeFormProps) {
  const { now, reader } = useSession();
  const [faults, setFaults] = useState<Faults>({});
  const form = useFocusOnFault(faults);
  const end = latest === null ? Number.POSITIVE_INFINITY : Date.parse(latest);
  const [suggested] = useState(() => toLocalInput(Math.min(quarterHourIn(4, Date.now()), end)));

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const filledIn = new FormData(event.currentTarget);
    const until = fromLocalInput(textOf(filledIn, 'until'));
    const reason = Object.keys(snoozeWords).find(isChosen(textOf(filledIn, 'reason')));
    const fault = faultOf(until, end);
    setFaults({
      ...(fault === null ? {} : { until: fault }),
      ...(reason === undefined ? { reason: 'Choose why it can wait.' } : {}),
    });
    if (fault === null && until !== null && reason !== undefined) await onSend(until, reason);
  };
  return (
    <form ref={form} class="answer-form" noValidate onSubmit={submit} aria-label="Put the alert off">
      <Field
        name="until"
        label="Until when"
        hint={
          latest === null ? 'On your clock.' : `On your clock; ${momentInWords(latest, now, reader)} at the latest.`
        }
        faults={faults}
      >
        {(control) => <input type="datetime-local" required defaultValue={suggested} {...control} />}
      </Field>
      <Choices name="reason" legend="Why it can wait" choices={reasons} faults={faults} />
      <SendButton sending={sending}>Put off</SendButton>
    </form>
  );
}

function isChosen(value: string): (code: string) => code is SnoozeReason {
  return (code): code is SnoozeReason => code === value;
}

function faultOf(until: Instant | null, end: number): string | null {
  if (until === null) return 'Choose a day and a time.';
  if (Date.parse(until) <= Date.now()) return 'Choose a time that is still to come.';
  return Date.parse(until) > end ? 'Choose an earlier time: it cannot wait that long.' : null;
}
