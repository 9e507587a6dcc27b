import * as z from 'zod';

const word = (what: string) =>
  z.string().regex(/^[\x21-\x7e]{1,200}$/, `write ${what}: 1 to 200 letters, digits and signs, without a blank`);

/** An address without a query, or one on this machine, where a sign-in can be tried out but no deployment can reach it. */
const issuer = z
  .string()
  .regex(
    /^(https:\/\/[A-Za-z0-9.-]+(:\d+)?|http:\/\/127\.0\.0\.1:\d+)(\/[A-Za-z0-9._~/-]*)?$/,
    'write the https address under which the sign-in names itself, such as https://login.example.org',
  );

const origin = z
  .string()
  .regex(
    /^(https:\/\/[A-Za-z0-9.-]+(:\d+)?|http:\/\/127\.0\.0\.1:\d+)$/,
    'write an https address without a path, such as https://tokens.example.org',
  );

const claim = word('the name of a claim');

/** clinic.yaml, signIn: an OpenID Connect sign-in that the clinic has already. */
export const signInSchema = z.strictObject({
  issuer: issuer.describe('the issuer, exactly as it stands in its tokens'),
  audience: word('the audience').describe('what an access token for Tandem says it is for'),
  clientId: word('the client id').describe('the id under which the care team’s page signs people in; it has no secret'),
  scope: z
    .string()
    .regex(/^[\x21-\x7e]+( [\x21-\x7e]+)*$/, 'write scopes with a blank between them')
    .max(500, 'write at most 500 characters')
    .default('openid')
    .describe('what the page asks for, such as openid'),
  tokenOrigins: z
    .array(origin)
    .max(5, 'write at most 5')
    .default([])
    .describe('where the page gets tokens, if that is not at the address of the issuer'),
  staffClaim: claim.default('sub').describe('the claim that holds the staff id of escalation.yaml'),
  rolesClaim: claim.default('roles').describe('the claim that holds the roles, as a list or as words'),
});
export type SignIn = z.output<typeof signInSchema>;
