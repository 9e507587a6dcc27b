import { useState } from 'preact/hooks';
import type { AlertDetail, Answer } from './contract.ts';
import { OutcomeForm } from './outcome-form.tsx';
import type { Happened } from './result-notice.tsx';
import { useSession } from './session.ts';
import { SnoozeForm } from './snooze-form.tsx';
import { faultKindOf } from './use-loaded.ts';
import { canAcknowledge, hasEnded } from './words.ts';

interface AnswerCardProps {
  readonly detail: AlertDetail;
  readonly onAnswered: (what: Happened) => Promise<void>;
}

/** The only part of the page that changes anything, and only when a button of it is pressed. */
export function AnswerCard({ detail, onAnswered }: AnswerCardProps) {
  const { api, me, expire } = useSession();
  const { alert, snooze, outcomes } = detail;
  const [open, setOpen] = useState<'snooze' | 'resolve' | null>(null);
  const [sending, setSending] = useState(false);

  const send = async (answer: Answer) => {
    if (sending) return;
    setSending(true);
    try {
      const answered = await api.answer(alert.id, alert.version, answer);
      // What was filled in stays where it was not taken: the alert may have to be answered so all the same.
      if (answered.result === 'done') setOpen(null);
      await onAnswered({ is: 'answered', kind: answer.kind, answered });
    } catch (error) {
      const kind = faultKindOf(error);
      if (kind === 'signed-out') return expire();
      await onAnswered({ is: 'fault', kind });
    }
    setSending(false);
  };
  const toggle = (form: 'snooze' | 'resolve') => setOpen(open === form ? null : form);

  if (hasEnded(alert))
    return (
      <section class="card" aria-labelledby="answer">
        <h2 id="answer">Your answer</h2>
        <p>This alert has ended. There is nothing left to answer.</p>
      </section>
    );
  const acknowledgeable = canAcknowledge(alert, me.staff);
  return (
    <section class="card answer" aria-labelledby="answer">
      <h2 id="answer">Your answer</h2>
      {acknowledgeable && (
        <>
          <button
            type="button"
            class="primary"
            aria-disabled={sending}
            aria-describedby="acknowledge-hint"
            onClick={() => send({ kind: 'acknowledge' })}
          >
            Acknowledge
          </button>
          <p id="acknowledge-hint" class="hint">
            You take it on now, and say later what came of it.
          </p>
        </>
      )}
      <button
        type="button"
        class={acknowledgeable ? '' : 'primary'}
        aria-expanded={open === 'resolve'}
        aria-controls="resolve-form"
        onClick={() => toggle('resolve')}
      >
        Resolve…
      </button>
      <div id="resolve-form" hidden={open !== 'resolve'}>
        {open === 'resolve' && (
          <OutcomeForm outcomes={outcomes} sending={sending} onSend={(outcome) => send({ kind: 'resolve', outcome })} />
        )}
      </div>
      {snooze.allowed ? (
        <>
          <button
            type="button"
            aria-expanded={open === 'snooze'}
            aria-controls="snooze-form"
            onClick={() => toggle('snooze')}
          >
            Put off…
          </button>
          <div id="snooze-form" hidden={open !== 'snooze'}>
            {open === 'snooze' && (
              <SnoozeForm
                latest={snooze.until}
                sending={sending}
                onSend={(until, reason) => send({ kind: 'snooze', until, reason })}
              />
            )}
          </div>
        </>
      ) : (
        <p class="hint">
          {alert.tier === 'urgent' ? 'What is urgent cannot be put off.' : 'It cannot be put off now.'}
        </p>
      )}
    </section>
  );
}
