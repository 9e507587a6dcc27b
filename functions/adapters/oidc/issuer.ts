import * as z from 'zod';

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

const timeoutMilliseconds = 3000;

/** The sign-in does not say what it has to, or says nothing. Never a caller's fault. */
export class SignInUnreachable extends Error {
  override readonly name = 'SignInUnreachable';
}

/**
 * Where the issuer publishes its keys (OpenID Connect Discovery 1.0, 4).
 * @throws SignInUnreachable
 */
export async function keysAddressOf(issuer: string): Promise<URL> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let found: unknown;
  try {
    const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeoutMilliseconds) });
    if (!answer.ok) throw new SignInUnreachable(`${address} answers ${answer.status}`);
    found = await answer.json();
  } catch (error) {
    if (error instanceof SignInUnreachable) throw error;
    throw new SignInUnreachable(`${address} cannot be read`, { cause: error });
  }
  const parsed = discovery.safeParse(found);
  if (!parsed.success || parsed.data.issuer !== issuer)
    throw new SignInUnreachable(`${address} does not describe this issuer: write it in clinic.yaml as it stands there`);
  const keys = new URL(parsed.data.jwks_uri);
  // Keys over plain HTTP could be anybody's. On this machine, where a sign-in is tried out, there is nobody in between.
  if (keys.protocol !== 'https:' && keys.origin !== new URL(issuer).origin)
    throw new SignInUnreachable(`${address} names keys that are not under https`);
  return keys;
}
