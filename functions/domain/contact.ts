// "/max" (194 kB of the bundle; "/min" is 121) is the smallest metadata that judges as Google's library does: "/min" takes
// +33639981234, which France keeps for films, and "/mobile" refuses +390212345678, a valid number in Italy.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import * as z from 'zod';

/** ITU-T E.164: a plus, a country code that does not start with 0, 15 digits at most. */
const e164 = /^\+[1-9]\d{1,14}$/;

/**
 * A number for text messages. Taken only as E.164, because "national" depends on a country nobody told us; and only where
 * the numbering plan of its country has such a number. Whether it is a mobile's is not asked: in North America nobody can
 * tell, and elsewhere some fixed lines take text messages too.
 */
const sms = z
  .string()
  .regex(e164, 'write the number as E.164: a plus, the country code, digits only, such as +12025550123')
  .meta({ examples: ['+12025550123'] })
  .transform((text, context): string => {
    const number = parsePhoneNumberFromString(text);
    if (number?.isValid() === true) return number.number;
    context.addIssue({
      code: 'custom',
      message: 'is not a number of any numbering plan: check the country code and the digits, and write it as E.164',
    });
    return z.NEVER;
  });

/** The domain of an address means the same in any case; what stands before the "@" may not, and stays as written. */
function withLowerCaseDomain(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

const email = z
  .email('write an e-mail address such as name@example.org')
  .max(254, 'an e-mail address has at most 254 characters')
  .meta({ examples: ['name@example.org'] })
  .transform(withLowerCaseDomain);

type Channel = 'sms' | 'email';

/** The rule that a preferred channel has its address. Looked at even where another field is wrong, so that one look shows all faults. */
function addressOf(
  channel: Channel,
): [(contact: { preferred: unknown; sms?: unknown; email?: unknown }) => boolean, object] {
  return [
    (contact) => contact.preferred !== channel || contact[channel] !== undefined,
    {
      path: [channel],
      message: 'is missing although it is preferred: write it, or prefer another channel',
      when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null,
    },
  ];
}

/** How a patient wants to be reached, and where. */
export const contactSchema = z
  .strictObject({
    preferred: z.enum(['sms', 'email', 'none']).describe('the channel of reminders; `none`: the patient wants none'),
    sms: sms.optional().describe('E.164: plus, country code, digits only; needed where `preferred` is `sms`'),
    email: email.optional().describe('needed where `preferred` is `email`'),
  })
  .refine(...addressOf('sms'))
  .refine(...addressOf('email'))
  .meta({
    // What the two rules above say, for the published schema.
    anyOf: [
      { properties: { preferred: { const: 'none' } } },
      { properties: { preferred: { const: 'sms' } }, required: ['sms'] },
      { properties: { preferred: { const: 'email' } }, required: ['email'] },
    ],
  });
