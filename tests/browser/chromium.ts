import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is; CHROMIUM_PATH says otherwise. */
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** null: there is one. */
export const whyNoBrowser = existsSync(executablePath)
  ? null
  : `there is no Chromium at ${executablePath}: install it (Debian: apt-get install chromium), or say where it is in CHROMIUM_PATH`;

export function launchBrowser(): Promise<Browser> {
  // Root may not use Chromium's sandbox, and the only pages it opens are our own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
