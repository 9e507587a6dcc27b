import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Place, pathOf, placeOf } from './address.ts';
import { AlertView } from './alert-view.tsx';
import { ApiFault, apiWith, readConfig } from './api.ts';
import type { Config, Me } from './contract.ts';
import { IdleGuard } from './idle-guard.tsx';
import { ListView } from './list-view.tsx';
import { PageHeader } from './page-header.tsx';
import { type Session, SessionContext } from './session.ts';
import {
  endIssuerSession,
  finishSignIn,
  goSignIn,
  type Returned,
  rememberSignOff,
  signedOffBefore,
  type Tokens,
} from './sign-in.ts';
import { SignInView, type WhySignedOut } from './sign-in-view.tsx';
import { readerOf } from './times.ts';

type Stage =
  | { readonly is: 'starting' }
  | { readonly is: 'signed-out'; readonly why: WhySignedOut | null }
  | { readonly is: 'signed-in'; readonly api: Session['api']; readonly me: Me };

const reader = readerOf(navigator.languages);

/** The whole page: who is signed in, and which view they are at. */
export function App({ returned }: { returned: Returned | null }) {
  const [config, setConfig] = useState<Config | null>(null);
  const [stage, setStage] = useState<Stage>({ is: 'starting' });
  const [place, goTo] = usePlace();
  const now = useNow();
  const tokens = useRef<Tokens | null>(null);

  const signOut = useCallback((why: WhySignedOut) => {
    if (why === 'idle' || why === 'signed-off') rememberSignOff(why);
    const revoked = tokens.current?.revoke();
    tokens.current = null;
    setStage({ is: 'signed-out', why });
    return revoked;
  }, []);

  const start = async (answer: Returned | null) => {
    setStage({ is: 'starting' });
    let known: Config;
    try {
      known = await readConfig();
      setConfig(known);
    } catch {
      return signOut('no-config');
    }
    if (answer === null) return setStage({ is: 'signed-out', why: signedOffBefore() });
    try {
      tokens.current = await finishSignIn(known, answer);
      const api = apiWith(tokens.current.accessToken);
      setStage({ is: 'signed-in', api, me: await api.me() });
    } catch (error) {
      // Refused in spite of a token that is a moment old.
      const refused = error instanceof ApiFault && (error.kind === 'not-yours' || error.kind === 'signed-out');
      await signOut(refused ? 'not-staff' : 'failed');
    }
  };
  // Once, with what the page was opened with.
  useEffect(() => void start(returned), []);

  const signIn = async () => {
    if (config === null) return start(null);
    try {
      await goSignIn(config, place);
    } catch {
      await signOut('no-issuer');
    }
  };
  const signOff = async () => {
    await signOut('signed-off');
    // Signed off here it is either way.
    if (config !== null) await endIssuerSession(config).catch(() => {});
  };
  const expire = useCallback(() => void signOut('expired'), [signOut]);
  const idle = useCallback(() => void signOut('idle'), [signOut]);

  useEffect(() => {
    // No word about anybody: a title stays in the browser's history.
    document.title = stage.is !== 'signed-in' ? 'Sign in – Tandem' : titles[place.view];
  }, [stage.is, place.view]);

  if (stage.is !== 'signed-in' || config === null)
    return (
      <>
        <PageHeader />
        <main>
          {stage.is === 'signed-out' ? (
            <SignInView why={stage.why} onSignIn={signIn} />
          ) : (
            <p class="loading" role="status">
              One moment…
            </p>
          )}
        </main>
      </>
    );
  const session: Session = { api: stage.api, me: stage.me, reader, now, goTo, expire };
  return (
    <SessionContext.Provider value={session}>
      <PageHeader staff={stage.me.staff} onHome={() => goTo({ view: 'list' })} onSignOff={signOff} />
      <main>{place.view === 'list' ? <ListView /> : <AlertView key={place.id} id={place.id} />}</main>
      <footer>
        Times are shown for {reader.timeZone.replaceAll('_', ' ')}. Every look and every answer is recorded.
      </footer>
      <IdleGuard minutes={config.idleMinutes} onIdle={idle} />
    </SessionContext.Provider>
  );
}

const titles: Readonly<Record<Place['view'], string>> = { list: 'Your alerts – Tandem', alert: 'Alert – Tandem' };

/** Where the address bar says we are. */
function usePlace(): [Place, (place: Place) => void] {
  const [place, setPlace] = useState(() => placeOf(location.pathname));
  useEffect(() => {
    const moved = () => setPlace(placeOf(location.pathname));
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  const goTo = (next: Place) => {
    history.pushState(null, '', pathOf(next));
    setPlace(next);
    scrollTo(0, 0);
  };
  return [place, goTo];
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(ticking);
  }, []);
  return now;
}
