import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiFault, type FaultKind } from './api.ts';
import { useSession } from './session.ts';

export type Loaded<T> =
  | { readonly is: 'loading' }
  | { readonly is: 'there'; readonly value: T; readonly since: number }
  | { readonly is: 'fault'; readonly kind: FaultKind };

/** What the API says, and how to ask again; what was there stays until then. */
export function useLoaded<T>(load: () => Promise<T>): [Loaded<T>, () => Promise<void>] {
  const { expire } = useSession();
  const [loaded, setLoaded] = useState<Loaded<T>>({ is: 'loading' });
  const again = useCallback(async () => {
    setLoaded((before) => (before.is === 'fault' ? { is: 'loading' } : before));
    try {
      setLoaded({ is: 'there', value: await load(), since: Date.now() });
    } catch (error) {
      const kind = faultKindOf(error);
      if (kind === 'signed-out') expire();
      else setLoaded({ is: 'fault', kind });
    }
  }, [load, expire]);
  useEffect(() => void again(), [again]);
  return [loaded, again];
}

export function faultKindOf(error: unknown): FaultKind {
  return error instanceof ApiFault ? error.kind : 'broken';
}
