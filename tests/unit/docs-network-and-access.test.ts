import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/network-and-access.md', 'utf8');
const choices = page
  .split('\n')
  .filter((line) => line.startsWith('| **'))
  .map((line) => ({ choice: (/\*\*(.+?)\*\*/.exec(line) ?? [])[1] ?? '', line }));

describe('docs/network-and-access.md', () => {
  it.each(choices)('$choice: names tests that exist', ({ line }) => {
    const tests = [...line.matchAll(/\[([^\]]+)\]\(\.\.\/(tests\/[^)]+)\)/g)];
    expect(tests.length).toBeGreaterThan(0);
    for (const [, name = '', file = ''] of tests) expect(readFileSync(file, 'utf8'), file).toContain(name);
  });

  it('explains every choice that a security officer asks for', () => {
    const asked = [
      /VPC endpoints/,
      /Customer keys/,
      /Key policies/,
      /Logs are encrypted and end/,
      /Throttled/,
      /web application firewall/,
      /TLS only/,
      /another account, nothing public/,
    ];
    for (const one of asked) expect(choices.map(({ choice }) => choice).join('\n')).toMatch(one);
  });
});
