import { useState } from 'preact/hooks';
import { Notice, type NoticeProps } from './notice.tsx';

/** Why nobody is signed in, where it is not simply that nobody has yet. */
export type WhySignedOut = 'idle' | 'signed-off' | 'expired' | 'failed' | 'not-staff' | 'no-config' | 'no-issuer';

const notices: Readonly<Record<WhySignedOut, Pick<NoticeProps, 'tone' | 'title'> & { readonly next?: string }>> = {
  idle: { tone: 'plain', title: 'You were signed off, because nothing was done for a while.' },
  'signed-off': { tone: 'good', title: 'You are signed off.' },
  expired: { tone: 'plain', title: 'Your sign-in has run out.', next: 'What you had not sent is gone. Sign in again.' },
  failed: { tone: 'bad', title: 'The sign-in was not finished.', next: 'Try again. If it stays so, tell your IT.' },
  'not-staff': {
    tone: 'bad',
    title: 'You are signed in, but not as one of the care team.',
    next: "Ask your IT to add you to the clinic's staff list, or sign in with another account.",
  },
  'no-config': { tone: 'bad', title: 'No answer came from Tandem.', next: 'Check the network, and try again.' },
  'no-issuer': {
    tone: 'bad',
    title: "The clinic's sign-in does not answer.",
    next: 'Try again in a minute. If it stays so, tell your IT. If it is urgent, see to the patient first.',
  },
};

interface SignInViewProps {
  readonly why: WhySignedOut | null;
  readonly onSignIn: () => Promise<void>;
}

/** What anybody sees who opens the address, a mail scanner too: nothing of the alert, and nothing that could answer it. */
export function SignInView({ why, onSignIn }: SignInViewProps) {
  const [leaving, setLeaving] = useState(false);
  const signIn = async () => {
    if (leaving) return;
    setLeaving(true);
    await onSignIn();
    setLeaving(false);
  };
  const notice = why === null ? null : notices[why];
  return (
    <div class="sign-in card">
      {notice !== null && (
        <Notice key={why} tone={notice.tone} title={notice.title}>
          {notice.next !== undefined && <p>{notice.next}</p>}
        </Notice>
      )}
      <h1>Sign in to see your alerts</h1>
      <p>
        You are asked for your clinic account. Opening this page answers nothing: an alert waits until you sign in and
        say what you do about it.
      </p>
      <button type="button" class="primary" aria-disabled={leaving} onClick={signIn}>
        {why === 'no-config' ? 'Try again' : leaving ? 'One moment…' : 'Sign in'}
      </button>
    </div>
  );
}
