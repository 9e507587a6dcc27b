import type { FaultKind } from './api.ts';
import type { Answer, Answered } from './contract.ts';
import { FaultNotice, Notice } from './notice.tsx';

/** What became of an answer that was sent. */
export type Happened =
  | { readonly is: 'answered'; readonly kind: Answer['kind']; readonly answered: Answered }
  | { readonly is: 'fault'; readonly kind: FaultKind };

const doneWords: Readonly<Record<Answer['kind'], string>> = {
  acknowledge: 'You have taken this alert on. Say what came of it once you know.',
  snooze: 'The alert is put off. It comes back by itself.',
  resolve: 'Your outcome is saved.',
};

export function ResultNotice(happened: Happened) {
  if (happened.is === 'fault') return <FaultNotice kind={happened.kind} />;
  const { kind, answered } = happened;
  switch (answered.result) {
    case 'done':
      return <Notice tone="good" title={doneWords[kind]} />;
    case 'seen-late':
      return (
        <Notice tone="plain" title="Somebody else was first: your answer came late and has changed nothing.">
          <p>It is on record that you looked after it. What Tandem says: {answered.reason}.</p>
        </Notice>
      );
    case 'stale':
      return (
        <Notice tone="plain" title="The alert has changed since you opened it. Your answer was not saved.">
          <p>This is how it stands now: please read it, and answer again if an answer is still needed.</p>
        </Notice>
      );
    case 'refused':
      return (
        <Notice tone="bad" title="Your answer was not saved.">
          <p>The reason: {answered.reason}.</p>
        </Notice>
      );
  }
}
