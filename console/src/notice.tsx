import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { FaultKind } from './api.ts';

export interface NoticeProps {
  readonly tone: 'good' | 'plain' | 'bad';
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** What has just happened. It is announced, and takes the focus: the button that led to it may be gone. */
export function Notice({ tone, title, children }: NoticeProps) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => notice.current?.focus(), []);
  return (
    <div ref={notice} class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'} tabIndex={-1}>
      <p class="notice-title">{title}</p>
      {children}
    </div>
  );
}

/** What a person is told where the API brought nothing, and what to do now. */
const faultWords: Readonly<Record<FaultKind, { readonly title: string; readonly next: string }>> = {
  'signed-out': { title: 'You are no longer signed in.', next: 'Sign in again.' },
  'not-yours': {
    title: 'Your role does not include this.',
    next: 'If you think that it should, ask your IT to look at the staff list and at your roles in the sign-in.',
  },
  unknown: {
    title: 'There is no alert at this address that you may see.',
    next: 'Compare the address with the one in the e-mail, or look at all alerts. If you think it should be yours, ask the supervisor.',
  },
  ended: {
    title: 'This alert has ended.',
    next: 'Nobody has to answer it any more.',
  },
  faulty: {
    title: 'The answer could not be taken. Nothing has changed.',
    next: 'Check what you filled in, and send it again.',
  },
  broken: {
    title: 'Tandem could not do this just now.',
    next: 'Try again in a minute. If it stays so, tell your IT, who can answer alerts for you. If it is urgent, see to the patient first.',
  },
  unreachable: {
    title: 'No answer came from Tandem.',
    next: 'Check the network, and try again: sending the same answer twice does no harm. If it is urgent, see to the patient first.',
  },
};

export function FaultNotice({ kind, onRetry }: { kind: FaultKind; onRetry?: (() => void) | undefined }) {
  const { title, next } = faultWords[kind];
  const worthwhile = kind === 'broken' || kind === 'unreachable';
  return (
    <Notice tone={kind === 'ended' ? 'plain' : 'bad'} title={title}>
      <p>{next}</p>
      {worthwhile && onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </Notice>
  );
}
