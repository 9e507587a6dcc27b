import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Place } from './address.ts';
import type { Api } from './api.ts';
import type { Me } from './contract.ts';
import type { Reader } from './times.ts';

/** What every view works with while somebody is signed in. Nothing of it is stored outside this page's memory. */
export interface Session {
  readonly api: Api;
  readonly me: Me;
  readonly reader: Reader;
  /** Milliseconds since 1970; moves on every half minute. */
  readonly now: number;
  readonly goTo: (place: Place) => void;
  /** The API no longer takes the token. */
  readonly expire: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('this view belongs inside a session');
  return session;
}
