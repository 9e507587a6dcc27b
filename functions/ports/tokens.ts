/** Who is asking, as the sign-in says. */
export interface SignedIn {
  /** Staff id. */
  readonly staff: string;
  /** Names of roles; others than Tandem knows are left out. */
  readonly roles: readonly string[];
}

/** Why a token is no good. */
export type TokenFault =
  | 'missing'
  | 'malformed'
  | 'algorithm'
  | 'unknown-key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'client'
  | 'kind'
  | 'not-yet'
  | 'expired'
  | 'claims';

export interface RefusedToken {
  readonly refused: TokenFault;
  /** Staff id, where the token was genuine once; null: nobody knows who it is. */
  readonly staff: string | null;
}

/** The clinic's sign-in. */
export interface Tokens {
  /**
   * Whose access token this is. Every call checks signature, issuer, audience and time.
   * @param token null: there was none.
   * @throws where the sign-in cannot be reached, so that nobody can tell.
   */
  check(token: string | null): Promise<SignedIn | RefusedToken>;
}
