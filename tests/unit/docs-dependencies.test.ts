import { readdirSync, readFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { dependencyDocument } from '../../bin/dependency-docs.ts';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<
    string,
    { integrity?: string; hasInstallScript?: boolean; dev?: boolean; link?: boolean; inBundle?: boolean }
  >;
};
const page = readFileSync('docs/dependencies.md', 'utf8');

/** The packages that the bundles of all functions hold, by their place in the lock file. */
function bundled(): Set<string> {
  const entryPoints = readdirSync('functions', { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'handler.ts')
    .map(({ parentPath }) => `${parentPath}/handler.ts`);
  const { metafile } = buildSync({
    entryPoints,
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'unwritten',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
  const places = Object.keys(metafile.inputs).flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  return new Set(places);
}

describe('docs/dependencies.md', () => {
  it('is what is installed today: npx node bin/dependency-docs.ts writes it anew', () => {
    expect(page).toBe(dependencyDocument());
  });

  it.each(Object.entries(dependencies))('has a line with a reason for %s, at its pinned version', (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(page).toMatch(
      new RegExp(`^\\| ${name.replaceAll('.', '\\.')} \\| ${version.replaceAll('.', '\\.')} \\|.*\\w \\|$`, 'm'),
    );
  });
});

describe('the supply chain', () => {
  it('has no package with an install script in a function’s bundle', () => {
    const held = bundled();
    expect(held).toContain('node_modules/zod');
    for (const place of held) {
      expect(packages[place], place).toBeDefined();
      expect(packages[place]?.hasInstallScript ?? false, place).toBe(false);
    }
  });

  it('has no package in a bundle of which the page says that it never is', () => {
    const never = [...page.matchAll(/^\| (\S+) \|.*never in a function \|$/gm)].map(([, name]) => name);
    expect(never.length).toBeGreaterThan(4);
    const held = bundled();
    for (const name of never) expect(held).not.toContain(`node_modules/${name}`);
  });

  it('has nothing in a bundle that only tests and tools are meant to use', () => {
    expect([...bundled()].filter((place) => packages[place]?.dev === true)).toEqual([]);
  });

  it('pins every package by the hash of its bytes', () => {
    const unpinned = Object.entries(packages).filter(
      // What a package brings inside of itself is under its hash.
      ([place, { integrity, link, inBundle }]) =>
        place !== '' && link !== true && inBundle !== true && integrity === undefined,
    );
    expect(unpinned.map(([place]) => place)).toEqual([]);
  });
});
