import * as z from 'zod';

/** What phones and mail programs show as the sender (SNS guide, SMS sender ID: 3 to 11 letters and digits, one letter at least). */
const senderNameSchema = z
  .string()
  .regex(/^(?=.*[A-Za-z])[A-Za-z0-9]{3,11}$/, 'write 3 to 11 letters and digits without spaces, such as Reminders');

/** clinic.yaml, `sending`: how reminders leave the account. */
export const sendingSchema = z.strictObject({
  senderName: senderNameSchema.optional().describe('what phones and mail programs show as the sender'),
  perSecond: z
    .number()
    .min(0.1, 'write 0.1 or more')
    .max(100, 'write at most 100')
    .default(1)
    .describe('how many reminders leave in a second at most'),
  sms: z
    .strictObject({
      originationNumber: z
        .string('write the number in quotes, such as "+12025550100"')
        .regex(
          /^\+?\d{5,15}$/,
          'write the number in quotes, such as "+12025550100", or a short code of 5 digits or more',
        )
        .optional()
        .describe('the number registered with AWS that SMS come from'),
      maxPriceUsd: z
        .number()
        .min(0.01, 'write 0.01 or more')
        .max(10, 'write at most 10')
        .default(0.5)
        .describe('the most one SMS may cost, in US dollars'),
      monthlyLimitUsd: z
        .number()
        .min(1, 'write 1 or more')
        .max(1_000_000, 'write at most 1000000')
        .default(1)
        .describe('what AWS lets the account spend on SMS in a month, in US dollars'),
    })
    .prefault({})
    .describe('text messages'),
});
export type Sending = z.output<typeof sendingSchema>;
