import { readdirSync, readFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { dependencyDocument } from '../../bin/dependency-docs.ts';
import { billOfMaterials, inThePage } from '../../bin/sbom.ts';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<
    string,
    {
      version?: string;
      integrity?: string;
      hasInstallScript?: boolean;
      dev?: boolean;
      link?: boolean;
      inBundle?: boolean;
    }
  >;
};
const page = readFileSync('docs/dependencies.md', 'utf8');

/** The packages that the bundles of all functions hold, by their place in the lock file. */
const held = bundled();

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
    expect(held).toContain('node_modules/zod');
    for (const place of held) {
      expect(packages[place], place).toBeDefined();
      expect(packages[place]?.hasInstallScript ?? false, place).toBe(false);
    }
  });

  it('has no package in a bundle of which the page says that it never is', () => {
    const never = [...page.matchAll(/^\| (\S+) \|.*never in a function \|$/gm)].map(([, name]) => name);
    expect(never.length).toBeGreaterThan(3);
    for (const name of never) expect(held).not.toContain(`node_modules/${name}`);
  });

  it('has nothing in a bundle that only tests and tools are meant to use', () => {
    expect([...held].filter((place) => packages[place]?.dev === true)).toEqual([]);
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

describe('the bill of materials (npm run sbom)', () => {
  const bill = billOfMaterials();
  const names = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));

  it('is CycloneDX, with name, version, package URL, hash and licence of every component', () => {
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 });
    expect(bill['serialNumber']).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(bill.metadata.component).toMatchObject({ name: 'tandem', type: 'application' });
    for (const { name, version, ...component } of bill.components)
      expect(component).toMatchObject({
        type: 'library',
        purl: expect.stringMatching(/^pkg:npm\/.+@.+$/),
        licenses: [expect.anything()],
        'bom-ref': expect.stringContaining(`${name}@${version}`),
      });
    // What a package brings inside of itself is under its hash.
    const bundledIn = [{ name: 'cdx:npm:package:bundled', value: 'true' }];
    for (const { hashes = bundledIn, properties } of bill.components)
      expect([[{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }], properties]).toContainEqual(
        hashes,
      );
    const refs = new Set([...bill.components.map((one) => one['bom-ref']), bill.metadata.component['bom-ref']]);
    for (const { ref, dependsOn } of bill.dependencies)
      for (const one of [ref, ...dependsOn]) expect(refs).toContain(one);
  });

  it('has all that a function’s bundle, the page or the command line holds, also what tests use as well, and no test’s own package', () => {
    const needed = [...held, ...[...Object.keys(dependencies), ...inThePage].map((name) => `node_modules/${name}`)];
    for (const place of needed)
      expect(names, place).toContain(`${place.replace(/^.*node_modules\//, '')}@${packages[place]?.version}`);
    for (const name of ['vitest', 'fast-check', 'cdk-nag', 'esbuild'])
      expect(bill.components.map((one) => one.name)).not.toContain(name);
  });

  it('has no licence that npm run licences would refuse, in what the page brings neither', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { licences: string } };
    const allowed = (/--onlyAllow '(.*)'/.exec(scripts.licences)?.[1] ?? '').split(';');
    const licences = bill.components.flatMap(
      ({ licenses }) => licenses as { license?: { id: string }; expression?: string }[],
    );
    expect(allowed.length).toBeGreaterThan(5);
    for (const { license, expression } of licences) expect(allowed).toContain(license?.id ?? expression);
  });

  it('knows what the page is compiled from', () => {
    const sources = readdirSync('console/src', { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.tsx?$/.test(file),
    );
    const imported = sources.flatMap((file) =>
      [...readFileSync(`console/src/${file}`, 'utf8').matchAll(/from '([^.'/][^'/]*)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(imported)].toSorted()).toEqual(inThePage);
  });
});
