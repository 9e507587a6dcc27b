#!/usr/bin/env node
/** What a deployment is made of, as a CycloneDX bill of materials, to standard output: `npm run --silent sbom > sbom.json`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const project = fileURLToPath(new URL('..', import.meta.url));

/** Development packages that are compiled into the care team's page, and so reach a browser. */
export const inThePage = ['oauth4webapi', 'preact'];

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dev: z.boolean().default(false), optional: z.boolean().default(false) }),
  ),
});

const referenceSchema = z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) });
const billSchema = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string() })),
  dependencies: z.array(referenceSchema),
});
export type Bill = z.output<typeof billSchema>;

/**
 * npm's own list of everything that is locked, without what only builds and tests. (npm's `--omit dev` would leave out whatever
 * both use: zod, the CDK and the core of the SDK among them.)
 */
export function billOfMaterials(): Bill {
  const npm = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const printed = execFileSync('npm', npm, { cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const bill = billSchema.parse(JSON.parse(printed));
  const shipped = namesOfShipped();
  const components = bill.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
  const listed = new Set(components.map((component) => component['bom-ref']));
  const root = bill.metadata.component;
  return {
    ...bill,
    // npm calls the project by the name of its folder.
    metadata: { ...bill.metadata, component: { ...root, name: 'tandem' } },
    components,
    dependencies: bill.dependencies
      .filter(({ ref }) => listed.has(ref) || ref === root['bom-ref'])
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => listed.has(one)) })),
  };
}

/** Of the lock file, as "name@version". */
function namesOfShipped(): Set<string> {
  const { packages } = lockSchema.parse(
    JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')),
  );
  return new Set(
    Object.entries(packages).flatMap(([place, { version, dev, optional }]) => {
      const name = place.replace(/^.*node_modules\//, '');
      const isShipped = (!dev && !optional) || inThePage.includes(name);
      return isShipped && version !== undefined ? [`${name}@${version}`] : [];
    }),
  );
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(billOfMaterials(), null, 2)}\n`);
