import { ChannelBusy } from '../../ports/reminder-channels.ts';

/** Errors of a call that never reached the service: nobody was there to take it. */
const neverSent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * What an error of Publish says about the message. The service answered with 4xx, or was never reached: it did not take it, and
 * may in a moment, or once a right is mended. Anything else (5xx, no answer in time, a connection that broke) leaves open
 * whether it did.
 */
export function publishError(error: unknown): unknown {
  return certainlyNotSent(error) ? new ChannelBusy('the channel did not take the message', { cause: error }) : error;
}

function certainlyNotSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (neverSent.has(code) || error.name === 'CredentialsProviderError') return true;
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500;
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return undefined;
  const metadata: { httpStatusCode?: unknown } = error.$metadata;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
