import { readFileSync, writeFileSync } from 'node:fs';

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { dependencies }: { dependencies: Readonly<Record<string, string>> } = read('package.json');
const { packages }: { packages: Readonly<Record<string, Locked>> } = read('package-lock.json');

const sdk = 'calls that service; the runtime’s own SDK changes under a function’s feet';
const telemetry = 'logs and metrics as the AWS runtime expects them, without a service in between';

/** Why each package that is needed at run time is here. A package without its reason fails the test. */
const reasons: Readonly<Record<string, string>> = {
  '@aws-lambda-powertools/batch': 'a message of a batch that fails goes back alone, the others do not',
  '@aws-lambda-powertools/logger': telemetry,
  '@aws-lambda-powertools/metrics': telemetry,
  '@aws-sdk/client-cloudformation': 'the command line finds a deployment by the outputs of its stacks',
  '@aws-sdk/client-dynamodb': sdk,
  '@aws-sdk/client-eventbridge': sdk,
  '@aws-sdk/client-kms': sdk,
  '@aws-sdk/client-s3': sdk,
  '@aws-sdk/client-sfn': sdk,
  '@aws-sdk/client-sns': sdk,
  '@aws-sdk/client-sqs': 'the command line counts and redrives what lies in queues',
  '@middy/core': 'wraps a handler in logging and metrics; 3 kB',
  'aws-cdk-lib': 'the infrastructure; runs at deployment, never in a function',
  canonicalize: 'JSON in one form only (RFC 8785), which the hashes of the audit stand on; by an author of the RFC',
  commander: 'the command line',
  constructs: 'belongs to aws-cdk-lib',
  'ical.js': 'reads calendars of absences (RFC 5545) for `tandem check`; never in a function',
  jose: 'encryption and signatures (JWE, JWS, JWT) in a form that a library of any language opens',
  'libphonenumber-js': 'whether a telephone number can be one; its rules change with countries',
  'ml-matrix': 'fits points to a history (`tandem evaluate --fit`); never in a function',
  'temporal-polyfill': 'time zones and local times, until Node.js has Temporal of its own',
  uuid: 'names of the canary’s flights',
  yaml: 'reads the clinic’s folder and knows the line of every fault; never in a function',
  zod: 'schemas: types, checks and error messages from one place',
};

/** Everything that comes with a package, itself included, by its place in the lock file. */
function broughtBy(name: string): Set<string> {
  const found = new Set<string>();
  const look = (wanted: string, from: string) => {
    const place = placeOf(wanted, from);
    // An optional package for another machine is in no lock of this one.
    if (place === null || found.has(place)) return;
    found.add(place);
    for (const next of Object.keys(packages[place]?.dependencies ?? {})) look(next, place);
  };
  look(name, '');
  return found;
}

/** As Node.js resolves it: the nearest node_modules upwards. */
function placeOf(name: string, from: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (folder === '') return null;
  }
}

function row(name: string): string {
  const { version, license } = packages[`node_modules/${name}`] ?? { version: 'not installed' };
  const reason = reasons[name];
  if (reason === undefined) throw new Error(`say in bin/dependency-docs.ts why ${name} is here`);
  const brought = broughtBy(name);
  const scripts = [...brought].filter((place) => packages[place]?.hasInstallScript === true).length;
  return `| ${name} | ${version} | ${license ?? 'unknown'} | ${brought.size - 1} | ${scripts === 0 ? 'none' : scripts} | ${reason} |`;
}

/** docs/dependencies.md: what Tandem is built on, and why. */
export function dependencyDocument(): string {
  const names = Object.keys(dependencies).toSorted();
  const superfluous = Object.keys(reasons).filter((name) => !names.includes(name));
  if (superfluous.length > 0) throw new Error(`take ${superfluous.join(', ')} out of bin/dependency-docs.ts`);
  const all = new Set(names.flatMap((name) => [...broughtBy(name)]));
  return `# What Tandem is built on

For whoever reviews the supply chain. Written by \`npx node bin/dependency-docs.ts\` from package.json and package-lock.json; a test checks that it is
current.

- Every version is pinned, directly and beneath (package-lock.json, with the hash of each package): \`npm ci\` installs these bytes or nothing.
- Nothing here needs a script at installation, and no function's bundle holds a package with one; both are tested. The one that is
  allowed (\`allowScripts\` of package.json) brings the Node.js that runs the tools, where an older one is installed.
- \`npm run licences\` refuses a licence that is not on its list; \`npm run --silent sbom > sbom.json\` writes a software bill of materials (CycloneDX 1.5): every
  package of this table and beneath it, and what is compiled into the care team's page, each with its hash and licence. A test looks that none is missing.
- A function's bundle holds only what it imports, so most of the ${all.size} packages of this table never reach a function.

| Package | Version | Licence | Brings | Install scripts | Why it is here |
|---|---|---|---|---|---|
${names.map(row).join('\n')}

The console has one dependency of its own, preact, and oauth4webapi for its sign-in; both are compiled into the page and run in a browser only. All
else in \`devDependencies\` builds and tests, and is in no function.

## Before a package comes in, or a new version

1. Is it needed? A page of our own code is easier to review than a package with ten beneath it.
2. Is it alive: a release within a year or so, faults that get answered, more than one person who could publish?
3. What does it bring: packages beneath, install scripts, native code, calls to a network?
4. The changelog between the two versions, for whatever is in a function also the difference itself.
5. \`npm audit signatures\`, \`npm audit\`, \`npm run licences\`, \`npm run check\`; then this page anew.

Looked at last on 2026-11-25: licences, install scripts and what each brings, from the lock file; and when the installed versions of the smaller packages
came out: canonicalize 2026-09, ical.js 2025-08, libphonenumber-js 2026-11, ml-matrix 2026-10, temporal-polyfill 2026-11, uuid 2026-10.
`;
}

if (import.meta.main) writeFileSync(new URL('../docs/dependencies.md', import.meta.url), dependencyDocument());
