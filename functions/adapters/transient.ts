/** Errors of connections and time-outs, as Node and the SDK name them. */
const passing: ReadonlySet<string> = new Set([
  'TimeoutError',
  'RequestTimeout',
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Errors that services call the caller's, although the same call may work in a moment. */
const busy: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'TransactionCanceledException',
  'LimitExceededException',
  'KMSInternalException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'ExpiredTokenException',
  'AccessDeniedException',
  'ResourceNotFoundException',
  'DisabledException',
  'KMSInvalidStateException',
]);

/**
 * Whether an error lies in the connection, the service or the deployment and not in what is stored, so that it may be gone at
 * the next try. A missing right or table counts: it concerns everybody, and no patient must be set aside for it.
 */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const byService = '$fault' in error && error.$fault === 'server';
  return byService || busy.has(error.name) || passing.has(error.name) || passing.has(code);
}
