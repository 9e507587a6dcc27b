import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPython } from '../../bin/emulator/install.ts';

const requirements = readFileSync(new URL('../../bin/emulator/requirements.txt', import.meta.url), 'utf8');
const entries = requirements
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

describe('installing the emulator', () => {
  it('says in one line what to install where there is no Python', () => {
    expect(() => findPython({ PATH: '/nowhere' })).toThrow(/^[^\n]*Python 3\.10 to 3\.14[^\n]* install it[^\n]*$/);
  });

  it('pins each package to one version with the hashes of its files', () => {
    expect(entries.length).toBeGreaterThan(15);
    for (const entry of entries) expect(entry).toMatch(/^[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/);
  });

  it('asks the index that the machine is set up for, and no other', () => {
    expect(requirements).not.toContain('://');
    expect(requirements).not.toMatch(/^-/m);
  });
});
