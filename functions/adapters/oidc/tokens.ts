import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { RefusedToken, SignedIn, TokenFault, Tokens } from '../../ports/tokens.ts';
import { keysAddressOf, SignInUnreachable } from './issuer.ts';

export interface OidcSettings {
  /** As it stands in the tokens. */
  readonly issuer: string;
  readonly clientId: string;
  /** null: the tokens are Cognito's, which name their client and say that they are access tokens instead. */
  readonly audience: string | null;
  readonly staffClaim: string;
  readonly rolesClaim: string;
}

/** Signatures by a private key only: with a shared secret among them, the public key could be taken for one. */
const algorithms = ['RS256', 'ES256'];

/** Between two computers' clocks, in seconds. */
const clockTolerance = 5;

const staffId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Longer than any sign-in's token, in characters. */
const longestToken = 8192;

/**
 * Checks access tokens of an OpenID Connect issuer. Its keys are read once and kept; a token under a key that is not among them
 * has them read again, at most every half minute.
 * @param now the moment by which a token has expired or not
 */
export function oidcTokens(settings: OidcSettings, now: () => Date): Tokens {
  let reading: Promise<JWTVerifyGetKey> | undefined;
  const keys = () => {
    reading ??= keysAddressOf(settings.issuer).then((address) => createRemoteJWKSet(address));
    // What failed once is tried again at the next request.
    reading.catch(() => {
      reading = undefined;
    });
    return reading;
  };
  return {
    async check(token) {
      if (token === null) return refused('missing');
      if (token.length > longestToken) return refused('malformed');
      try {
        const { payload } = await jwtVerify(token, await keys(), {
          algorithms,
          clockTolerance,
          issuer: settings.issuer,
          ...(settings.audience === null ? {} : { audience: settings.audience }),
          requiredClaims: ['exp'],
          currentDate: now(),
        });
        return signedIn(payload, settings);
      } catch (error) {
        const fault = faultOf(error);
        if (fault === null) throw error instanceof SignInUnreachable ? error : unreachable(error);
        // Its signature was checked before its time: it was this person's once.
        return error instanceof errors.JWTExpired ? refused(fault, staffOf(error.payload, settings)) : refused(fault);
      }
    },
  };
}

function signedIn(payload: JWTPayload, settings: OidcSettings): SignedIn | RefusedToken {
  const staff = staffOf(payload, settings);
  const client = payload['client_id'] ?? payload['azp'];
  // Cognito: "aud" stands in its ID tokens alone, and those are no right to anything (Cognito guide, verifying tokens).
  const isCognito = settings.audience === null;
  if (isCognito && payload['token_use'] !== 'access') return refused('kind', staff);
  if ((isCognito || client !== undefined) && client !== settings.clientId) return refused('client', staff);
  if (staff === null) return refused('claims');
  return { staff, roles: rolesOf(payload[settings.rolesClaim]) };
}

function staffOf(payload: JWTPayload, { staffClaim }: OidcSettings): string | null {
  const staff = payload[staffClaim];
  return typeof staff === 'string' && staffId.test(staff) ? staff : null;
}

/** A list, or words in one text, as issuers write them. */
function rolesOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/\s+/).filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((one): one is string => typeof one === 'string') : [];
}

function refused(fault: TokenFault, staff: string | null = null): RefusedToken {
  return { refused: fault, staff };
}

const faultOfClaim: { readonly [claim: string]: TokenFault } = { iss: 'issuer', aud: 'audience', nbf: 'not-yet' };

/** null: not the token's fault. */
function faultOf(error: unknown): TokenFault | null {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim[error.claim] ?? 'claims';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'unknown-key';
  const isMalformed =
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JOSENotSupported;
  return isMalformed ? 'malformed' : null;
}

function unreachable(cause: unknown): SignInUnreachable {
  return new SignInUnreachable('the issuer’s keys cannot be read', { cause });
}
