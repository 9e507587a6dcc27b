import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));
const scripts = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts);

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

interface Link {
  readonly page: string;
  readonly to: string;
  readonly path: string;
  readonly anchor: string | undefined;
}

function linksOf([page, text]: [string, string]): Link[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to = '']) => {
    if (/^[a-z]+:/.test(to)) return [];
    const [file = '', anchor] = to.split('#');
    return [{ page, to, path: file === '' ? page : normalize(join(dirname(page), file)), anchor }];
  });
}

/** The names of a command's subcommands, as its help lists them; empty where it has none. */
function subcommandsOf(...command: string[]): string[] {
  const help = execFileSync(process.execPath, ['bin/tandem.ts', ...command, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '500' },
  });
  const [, list = ''] = /\nCommands:\n((?: {2,}.*\n?)+)/.exec(help) ?? [];
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

describe.each([...texts])('%s', (page, text) => {
  it('links only to files that are there', () => {
    for (const { to, path } of linksOf([page, text])) expect(existsSync(path), `${page}: ${to}`).toBe(true);
  });

  it('links only to headings that are there', () => {
    for (const { to, path, anchor } of linksOf([page, text])) {
      if (anchor === undefined || !path.endsWith('.md')) continue;
      expect(anchorsOf(texts.get(path) ?? ''), `${page}: ${to}`).toContain(anchor);
    }
  });

  it('names only scripts of package.json, and files that can be run', () => {
    for (const [, script = ''] of text.matchAll(/npm run ([a-z][a-z:-]*)/g)) expect(scripts, script).toContain(script);
    for (const [, file = ''] of text.matchAll(/npx node (\S+\.ts)/g)) expect(existsSync(file), file).toBe(true);
  });
});

describe('the commands that docs name', () => {
  let known: Map<string, string[]>;

  beforeAll(() => {
    const top = subcommandsOf();
    known = new Map(top.map((name) => [name, subcommandsOf(name)]));
  });

  it('are commands of tandem, subcommands too', () => {
    const calls = [...texts].flatMap(([page, text]) =>
      [...text.matchAll(/npx tandem ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?/g)].map(([call, name = '', second]) => ({
        call: `${page}: ${call}`,
        name,
        second,
      })),
    );
    expect(calls.length).toBeGreaterThan(40);
    const unknown = calls.filter(({ name, second }) => {
      const below = known.get(name);
      if (below === undefined) return true;
      // What follows a command without subcommands is an argument.
      return second !== undefined && below.length > 0 && !below.includes(second);
    });
    expect(unknown.map(({ call }) => call)).toEqual([]);
  });

  it('are in the README, all of them', () => {
    const readme = texts.get('README.md') ?? '';
    for (const name of known.keys()) expect(readme, name).toMatch(new RegExp(`\`${name}[ \`]`));
  });
});

describe('a reader', () => {
  it.each([
    'for-clinic-it.md',
    'for-therapists.md',
    'for-compliance.md',
    'for-vendors.md',
    'for-contributors.md',
    'workflows.md',
    'dependencies.md',
  ])('finds docs/%s from the README', (page) => {
    expect(texts.get('README.md')).toContain(`(docs/${page})`);
  });
});
