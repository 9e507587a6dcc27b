import { useCallback, useState } from 'preact/hooks';
import { AnswerCard } from './answer-card.tsx';
import { Badge } from './badge.tsx';
import type { Alert, AlertDetail, Answered } from './contract.ts';
import { Heading } from './heading.tsx';
import { Moment } from './moment.tsx';
import { FaultNotice } from './notice.tsx';
import { PlaceLink } from './place-link.tsx';
import { type Happened, ResultNotice } from './result-notice.tsx';
import { useSession } from './session.ts';
import { timeOfDayIn } from './times.ts';
import { useLoaded } from './use-loaded.ts';
import { aboutWhat, hasEnded, named, statusWords, tierWords } from './words.ts';

/** One alert: what, since when, why, what to do, what was done, and the answer to it. Looking at it answers nothing. */
export function AlertView({ id }: { id: string }) {
  const { api, goTo } = useSession();
  const [happened, setHappened] = useState<{ readonly what: Happened; readonly number: number } | null>(null);
  const [loaded, again] = useLoaded(useCallback(() => api.alert(id), [api, id]));

  const answered = async (what: Happened) => {
    // Whatever became of it: the alert may be another one now. One that has ended is not asked for again.
    if (what.is === 'answered' && !hasGone(what.answered)) await again();
    setHappened((before) => ({ what, number: (before?.number ?? 0) + 1 }));
  };
  const gone = happened?.what.is === 'answered' && hasGone(happened.what.answered);
  const home = { view: 'list' } as const;
  return (
    <>
      <p class="back">
        <PlaceLink to={home} onGo={() => goTo(home)}>
          <span aria-hidden="true">← </span>All alerts
        </PlaceLink>
      </p>
      {loaded.is === 'loading' && (
        <p class="loading" role="status">
          The alert is being fetched…
        </p>
      )}
      {gone && (
        <>
          <Heading>Alert</Heading>
          <ResultNotice {...happened.what} />
          <p>It has ended: nobody has to answer it any more.</p>
        </>
      )}
      {!gone && loaded.is === 'fault' && (
        <>
          <Heading>Alert</Heading>
          {happened !== null && <ResultNotice key={happened.number} {...happened.what} />}
          <FaultNotice kind={loaded.kind} onRetry={again} />
        </>
      )}
      {!gone && loaded.is === 'there' && <AlertSheet detail={loaded.value} happened={happened} onAnswered={answered} />}
    </>
  );
}

/** By this answer, or before it. */
function hasGone({ result, alert }: Answered): boolean {
  return alert === null && (result === 'done' || result === 'seen-late');
}

interface AlertSheetProps {
  readonly detail: AlertDetail;
  readonly happened: { readonly what: Happened; readonly number: number } | null;
  readonly onAnswered: (what: Happened) => Promise<void>;
}

function AlertSheet({ detail, happened, onAnswered }: AlertSheetProps) {
  const { alert, why, whatToDo } = detail;
  return (
    <article>
      <div class={`alert-head ${alert.tier}`}>
        <div class="badges">
          <Badge kind={alert.tier}>{tierWords[alert.tier]}</Badge>
          <Badge kind={alert.status}>{statusWords[alert.status]}</Badge>
        </div>
        <Heading>{aboutWhat(alert)}</Heading>
        <p class="since">
          Since <Moment at={alert.openedAt} />
          {alert.raisedAt !== alert.openedAt && (
            <>
              ; more serious since <Moment at={alert.raisedAt} />
            </>
          )}
        </p>
        <WhatHappensNext alert={alert} />
      </div>
      {happened !== null && <ResultNotice key={happened.number} {...happened.what} />}
      <div class="columns">
        <div class="column">
          <section class="card" aria-labelledby="why">
            <h2 id="why">Why</h2>
            <Lines lines={why} />
          </section>
          <section class="card" aria-labelledby="what-to-do">
            <h2 id="what-to-do">What to do</h2>
            <Lines lines={whatToDo} ordered />
          </section>
        </div>
        <div class="column">
          <AnswerCard detail={detail} onAnswered={onAnswered} />
          <PatientCard patient={detail.patient} />
        </div>
        <History lines={detail.history} />
      </div>
    </article>
  );
}

function WhatHappensNext({ alert }: { alert: Alert }) {
  const { now } = useSession();
  const { status, nextActionAt, snoozedUntil, acknowledgedBy } = alert;
  if (hasEnded(alert)) return <p class="next">Nobody has to answer it any more.</p>;
  if (status === 'snoozed' && snoozedUntil !== null)
    return (
      <p class="next">
        Put off by {named(acknowledgedBy)} until <Moment at={snoozedUntil} />.
      </p>
    );
  if (nextActionAt === null) return null;
  if (status === 'acknowledged')
    return (
      <p class="next">
        {named(acknowledgedBy)} has taken it on. An outcome is expected by <Moment at={nextActionAt} />.
      </p>
    );
  const lead = status === 'overdue' ? 'The outcome is overdue. ' : '';
  if (Date.parse(nextActionAt) <= now) return <p class="next">{lead}The next person is being asked.</p>;
  return (
    <p class="next">
      {lead}If nobody answers, the next person is asked <Moment at={nextActionAt} />.
    </p>
  );
}

function Lines({ lines, ordered = false }: { lines: readonly string[]; ordered?: boolean }) {
  const items = lines.map((line) => <li key={line}>{line}</li>);
  return ordered ? <ol class="lines">{items}</ol> : <ul class="lines">{items}</ul>;
}

function PatientCard({ patient }: Pick<AlertDetail, 'patient'>) {
  const { now, reader } = useSession();
  const { id, programmeId, programme, track, therapist, timeZone } = patient;
  const localTime = timeOfDayIn(timeZone, now, reader);
  return (
    <section class="card" aria-labelledby="patient">
      <h2 id="patient">Patient</h2>
      <dl>
        <dt>Tandem’s id</dt>
        <dd class="id">{id}</dd>
        {programmeId !== null && (
          <>
            <dt>Programme’s id</dt>
            <dd class="id">{programmeId}</dd>
          </>
        )}
        <dt>Programme</dt>
        <dd>{[programme ?? 'not enrolled', track].filter((part) => part !== null).join(', ')}</dd>
        <dt>Therapist</dt>
        <dd>{therapist ?? 'nobody yet'}</dd>
        {localTime !== null && (
          <>
            <dt>Their time</dt>
            <dd>{localTime}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function History({ lines }: { lines: AlertDetail['history'] }) {
  return (
    <section class="card" aria-labelledby="history">
      <h2 id="history">History</h2>
      <ol class="history">
        {lines.map(({ at, what, who }) => (
          <li key={`${at} ${what} ${who}`}>
            <span>{what}</span>
            <span class="hint">
              {who !== 'tandem' && <strong>{who}, </strong>}
              <Moment at={at} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
