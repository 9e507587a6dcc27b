import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contactSchema } from '../../functions/domain/contact.ts';

const numbers = new URL('../../../shared/data/phone/numbers.csv', import.meta.url);
const haveNumbers = existsSync(numbers);

interface Row {
  readonly input: string;
  readonly strictE164: boolean;
  readonly e164: string;
  readonly valid: boolean;
}

function rows(): Row[] {
  const [header = '', ...lines] = readFileSync(numbers, 'utf8').trimEnd().split('\n');
  expect(header).toMatch(/^input,region,strict_e164,lib_e164,lib_possible,lib_valid,/);
  return lines.map((line) => {
    // Only the last column, a note, is ever quoted.
    const [input = '', , strict, e164 = '', , valid] = line.split(',');
    return { input: written(input), strictE164: strict === 'True', e164, valid: valid === 'True' };
  });
}

/** The file writes what is not ASCII as Python does. */
function written(input: string): string {
  return input
    .replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/g, (_, long: string, short: string) =>
      String.fromCharCode(Number.parseInt(long ?? short, 16)),
    )
    .replace(/\\n/g, '\n');
}

function read(contact: object) {
  const parsed = contactSchema.safeParse(contact);
  return parsed.success
    ? { contact: parsed.data }
    : { faults: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

function sms(number: string) {
  return read({ preferred: 'sms', sms: number });
}

describe.skipIf(!haveNumbers)('telephone numbers of other people (skipped where ../shared/data is absent)', () => {
  const cases = haveNumbers ? rows() : [];

  it('the list is whole', () => {
    expect(cases).toHaveLength(43);
    expect(cases.filter(({ strictE164 }) => strictE164)).toHaveLength(13);
  });

  it.each(cases.filter(({ strictE164, valid }) => strictE164 && valid))(
    '$input is valid in its country and taken as it is',
    ({ input, e164 }) => {
      expect(sms(input)).toEqual({ contact: { preferred: 'sms', sms: e164 } });
    },
  );

  it.each(cases.filter(({ strictE164, valid }) => strictE164 && !valid))(
    '$input is E.164 but no valid number, so it is refused',
    ({ input }) => {
      expect(sms(input)).toEqual({
        faults: [expect.stringMatching(/^sms: is not a number of any numbering plan.*E\.164/)],
      });
    },
  );

  it.each(cases.filter(({ strictE164 }) => !strictE164))(
    '$input is not written as E.164, or is no number: it is refused, not guessed at',
    ({ input }) => {
      expect(sms(input)).toEqual({ faults: [expect.stringMatching(/^sms: .*E\.164/)] });
    },
  );

  it('no refusal repeats the number', () => {
    for (const { input } of cases.filter((one) => one.input.length > 3))
      expect(JSON.stringify(sms(input).faults ?? [])).not.toContain(input);
  });
});

describe('contact details', () => {
  it('a trunk zero after the country code is no part of the number that is kept', () => {
    expect(sms('+4402079460123')).toEqual({ contact: { preferred: 'sms', sms: '+442079460123' } });
  });

  it('the domain of an e-mail address is kept in lower case, what stands before it as written', () => {
    expect(read({ preferred: 'email', email: 'Pat.Doe@Example.ORG' })).toEqual({
      contact: { preferred: 'email', email: 'Pat.Doe@example.org' },
    });
  });

  it.each([
    '',
    'p',
    'p@example',
    'p@@example.org',
    'p@example.org ',
    'p@example.org\nBcc: q@example.org',
    'P <p@example.org>',
    'p..q@example.org',
  ])('%j is no e-mail address', (email) => {
    expect(read({ preferred: 'email', email })).toEqual({
      faults: ['email: write an e-mail address such as name@example.org'],
    });
  });

  it('an e-mail address has at most 254 characters', () => {
    const longest = `${'p'.repeat(242)}@example.org`;
    expect(longest).toHaveLength(254);
    expect(read({ preferred: 'email', email: longest })).toHaveProperty('contact');
    expect(read({ preferred: 'email', email: `p${longest}` })).toEqual({
      faults: ['email: an e-mail address has at most 254 characters'],
    });
  });

  it('the preferred channel has its address', () => {
    const missing = 'is missing although it is preferred: write it, or prefer another channel';
    expect(read({ preferred: 'sms', email: 'p@example.org' })).toEqual({ faults: [`sms: ${missing}`] });
    expect(read({ preferred: 'email', sms: '+12025550123' })).toEqual({ faults: [`email: ${missing}`] });
    expect(read({ preferred: 'none' })).toEqual({ contact: { preferred: 'none' } });
  });

  it('one look shows every fault', () => {
    expect(read({ preferred: 'sms', email: 'p' })).toEqual({
      faults: [expect.stringMatching(/^email: /), expect.stringMatching(/^sms: is missing/)],
    });
  });

  it.each([null, [], 'sms', 3])('%j are no contact details', (contact) => {
    expect(contactSchema.safeParse(contact).success).toBe(false);
  });
});
