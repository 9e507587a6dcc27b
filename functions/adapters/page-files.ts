import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { Page, PageFile } from '../ports/page.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the page that `npm run build:console` has built.
 * @throws Error where the folder holds no page, or a file that the page is not made of
 */
export function readPageFiles(folder: string): Page {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const page = new Map(names.map((name) => [pathOf(folder, name), fileAt(name)]));
  if (!page.has('/index.html'))
    throw new Error(`${folder} holds no index.html: build the page with vite build console`);
  return page;
}

function pathOf(folder: string, name: string): string {
  return name.slice(folder.length).replaceAll(sep, '/').replace(/^\/?/, '/');
}

function fileAt(name: string): PageFile {
  const type = types[extname(name)];
  if (type === undefined)
    throw new Error(`${name}: add the media type of such files to functions/adapters/page-files.ts`);
  return { type, text: readFileSync(name, 'utf8') };
}
