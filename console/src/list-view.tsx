import { Badge } from './badge.tsx';
import type { Alert, Tier } from './contract.ts';
import { Heading } from './heading.tsx';
import { Moment } from './moment.tsx';
import { FaultNotice, Notice } from './notice.tsx';
import { PlaceLink } from './place-link.tsx';
import { useSession } from './session.ts';
import { momentInWords } from './times.ts';
import { useLoaded } from './use-loaded.ts';
import { aboutWhat, inOrder, named, statusWords } from './words.ts';

/** Every alert that this person may answer, most urgent first. */
export function ListView() {
  const { api, now, reader } = useSession();
  const [loaded, again] = useLoaded(api.alerts);
  if (loaded.is === 'fault')
    return (
      <>
        <Heading>Your alerts</Heading>
        <FaultNotice kind={loaded.kind} onRetry={again} />
      </>
    );
  if (loaded.is === 'loading')
    return (
      <p class="loading" role="status">
        Your alerts are being fetched…
      </p>
    );
  const { unreadable } = loaded.value;
  const alerts = inOrder(loaded.value.alerts);
  return (
    <>
      <div class="title-row">
        <Heading>Your alerts</Heading>
        <div class="refresh">
          <span role="status">As of {momentInWords(new Date(loaded.since).toISOString(), now, reader)}</span>
          <button type="button" class="quiet" onClick={again}>
            Refresh
          </button>
        </div>
      </div>
      {unreadable > 0 && (
        <Notice tone="bad" title="This list may not be whole.">
          <p>
            The records of {unreadable} {unreadable === 1 ? 'patient' : 'patients'} cannot be read just now. Tell your
            IT.
          </p>
        </Notice>
      )}
      {alerts.length === 0 && unreadable === 0 && (
        <div class="card empty">
          <p>Nothing waits for you.</p>
          <p class="hint">When something does, you get an e-mail; the daily list comes in the morning.</p>
        </div>
      )}
      {tiers.map(({ tier, title }) => {
        const group = alerts.filter((alert) => alert.tier === tier);
        return (
          group.length > 0 && (
            <section key={tier} aria-labelledby={`tier-${tier}`}>
              <h2 id={`tier-${tier}`}>{title}</h2>
              <ul class="alerts">
                {group.map((alert) => (
                  <AlertLine key={alert.id} alert={alert} />
                ))}
              </ul>
            </section>
          )
        );
      })}
    </>
  );
}

const tiers: readonly { readonly tier: Tier; readonly title: string }[] = [
  { tier: 'urgent', title: 'Urgent' },
  { tier: 'alert', title: 'Today' },
  { tier: 'list', title: 'On the daily list' },
];

function AlertLine({ alert }: { alert: Alert }) {
  const { goTo } = useSession();
  const place = { view: 'alert', id: alert.id } as const;
  return (
    <li class={`card alert-line ${alert.tier}`}>
      <div class="alert-line-title">
        {alert.patient === null ? (
          <span>{aboutWhat(alert)}</span>
        ) : (
          <PlaceLink class="covering" to={place} onGo={() => goTo(place)}>
            {aboutWhat(alert)}
          </PlaceLink>
        )}
        <Badge kind={alert.status}>{statusWords[alert.status]}</Badge>
      </div>
      <p>
        {alert.patient === null ? 'Alert' : 'Patient'} <span class="id">{alert.patient ?? alert.id}</span>, since{' '}
        <Moment at={alert.raisedAt} />
      </p>
      <NextLine alert={alert} />
    </li>
  );
}

function NextLine({ alert }: { alert: Alert }) {
  const { status, acknowledgedBy, snoozedUntil, nextActionAt } = alert;
  if (status === 'snoozed' && snoozedUntil !== null)
    return (
      <p class="hint">
        Put off until <Moment at={snoozedUntil} />
      </p>
    );
  if (nextActionAt === null) return null;
  if (status === 'acknowledged')
    return (
      <p class="hint">
        Taken on by {named(acknowledgedBy)}; an outcome is expected by <Moment at={nextActionAt} />
      </p>
    );
  return (
    <p class="hint">
      Without an answer the next person is asked <Moment at={nextActionAt} />
    </p>
  );
}
