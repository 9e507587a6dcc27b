// `npm run picture`: the picture of an alert's page in the README, from made-up data, at a moment that is always the same.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser, whyNoBrowser } from './chromium.ts';
import { buildPage, startClinic } from './fake-clinic.ts';

if (whyNoBrowser !== null) throw new Error(whyNoBrowser);
const path = fileURLToPath(new URL('../../docs/pictures/alert-page.png', import.meta.url));
mkdirSync(dirname(path), { recursive: true });

const moment = Date.parse('2026-11-25T14:30:00Z');
const clinic = await startClinic(await buildPage(), () => moment);
const browser = await launchBrowser();
try {
  const page = await browser.newPage({
    viewport: { width: 1040, height: 900 },
    locale: 'en-US',
    timezoneId: 'America/New_York',
    colorScheme: 'light',
  });
  await page.clock.setFixedTime(moment);
  await page.goto(`${clinic.address}/alerts/a-urgent-1`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Go on as t-7' }).click();
  await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
  await page.screenshot({ path, fullPage: true });
} finally {
  await browser.close();
  clinic.close();
}
