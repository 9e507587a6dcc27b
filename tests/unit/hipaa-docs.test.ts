import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hipaaDocs } from '../../bin/hipaa-docs.ts';
import { hipaaMap } from '../../bin/hipaa-map.ts';

const clauses = hipaaMap.flatMap((group) => group.clauses);

describe('docs/hipaa.md', () => {
  it('is current: npx node bin/hipaa-docs.ts writes it', () => {
    expect(readFileSync(new URL('../../docs/hipaa.md', import.meta.url), 'utf8')).toBe(hipaaDocs());
  });

  it.each(clauses)('$cite names tests that exist, or says whose it is', ({ tests, clinic }) => {
    for (const { file, name } of tests)
      expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).toContain(name);
    expect(tests.length > 0 || clinic !== undefined).toBe(true);
  });

  it('has every technical safeguard of 164.312', () => {
    const cited = clauses.map(({ cite }) => cite).join(' ');
    for (const clause of [
      '(a)(1)',
      '(a)(2)(i)',
      '(a)(2)(ii)',
      '(a)(2)(iii)',
      '(a)(2)(iv)',
      '(b)',
      '(c)(1)',
      '(c)(2)',
      '(d)',
      '(e)(1)',
    ])
      expect(cited).toContain(`164.312${clause}`);
  });
});
