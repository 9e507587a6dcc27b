import { useEffect, useRef, useState } from 'preact/hooks';
import { idleLimits, idleWatch } from './idle.ts';

interface IdleGuardProps {
  /** After so many minutes without a key or a click. */
  readonly minutes: number;
  readonly onIdle: () => void;
}

const signsOfLife = ['keydown', 'pointerdown', 'click', 'wheel', 'touchstart'] as const;

/** Signs off whoever has left the computer (45 CFR 164.312(a)(2)(iii)), and says so beforehand. */
export function IdleGuard({ minutes, onIdle }: IdleGuardProps) {
  const [warned, setWarned] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const watch = idleWatch(idleLimits(minutes), Date.now, (state) => {
      setWarned(state === 'warned');
      if (state === 'idle') onIdle();
    });
    const looking = setInterval(watch.look, 1000);
    for (const sign of signsOfLife) addEventListener(sign, watch.active, { passive: true, capture: true });
    // A page that was hidden, or a computer that was asleep, had its timers stopped.
    document.addEventListener('visibilitychange', watch.look);
    return () => {
      clearInterval(looking);
      for (const sign of signsOfLife) removeEventListener(sign, watch.active, { capture: true });
      document.removeEventListener('visibilitychange', watch.look);
    };
  }, [minutes, onIdle]);

  useEffect(() => {
    if (warned) dialog.current?.showModal();
    else dialog.current?.close();
  }, [warned]);

  return (
    <dialog ref={dialog} role="alertdialog" aria-labelledby="idle-title" aria-describedby="idle-text">
      <h2 id="idle-title">Are you still there?</h2>
      <p id="idle-text">In less than a minute you are signed off, and what you have not sent is gone.</p>
      <button type="button" class="primary">
        Stay signed in
      </button>
    </dialog>
  );
}
