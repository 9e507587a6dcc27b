import type { ComponentChildren } from 'preact';

/** Stays where it is while something is being sent, so that the focus does, too. */
export function SendButton({ sending, children }: { sending: boolean; children: ComponentChildren }) {
  return (
    <button type="submit" class="primary" aria-disabled={sending}>
      {sending ? 'Sending…' : children}
    </button>
  );
}
