import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page as BrowserPage } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '../../functions/ports/page.ts';
import { launchBrowser, whyNoBrowser } from './chromium.ts';
import { buildPage, type FakeClinic, startClinic } from './fake-clinic.ts';

if (whyNoBrowser !== null) console.warn(`tests/browser is skipped: ${whyNoBrowser}`);

let built: Page;
let browser: Browser;
let clinic: FakeClinic;
/** What the browser complained of: errors of the page and of its console, violations of the page's policy among them. */
let complaints: string[];

/** WCAG 2.2 AA, and what axe calls best practice. */
const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const urgent = '/alerts/a-urgent-1';
const sameDay = '/alerts/a-same-day-1';

describe.skipIf(whyNoBrowser !== null)('the care team’s page, in a browser', () => {
  beforeAll(async () => {
    [built, browser] = await Promise.all([buildPage(), launchBrowser()]);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    clinic = await startClinic(built);
    complaints = [];
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    clinic.close();
  });

  describe('opened by a mail scanner', () => {
    it('answers GET and HEAD with the page, and a browser with scripts with the sign-in, and nothing changes (E12)', async () => {
      for (const method of ['GET', 'HEAD']) {
        const response = await fetch(`${clinic.address}${urgent}`, { method });
        expect(response.status).toBe(200);
        expect(await response.text()).not.toMatch(/urgent|self-harm|p-4k7q2m9x/);
      }
      const page = await opened(urgent);
      await page.getByRole('heading', { name: 'Sign in to see your alerts' }).waitFor();
      await page.waitForLoadState('networkidle');
      expect(clinic.posted).toEqual([]);
      expect(clinic.requests.filter((one) => one.includes('/api/'))).toEqual(['GET /api/config']);
      expect(clinic.issuer.asked).toEqual([]);
      expect(await page.locator('body').textContent()).not.toMatch(/urgent|self-harm|p-4k7q2m9x/i);
    });

    it('does not use the link up: the person’s click works afterwards (E13)', async () => {
      for (let scan = 0; scan < 2; scan += 1) await (await opened(urgent)).waitForLoadState('networkidle');
      const page = await signedIn(urgent);
      await page.getByRole('heading', { name: 'Safety: an answer about self-harm' }).waitFor();
      expect(clinic.posted).toEqual([]);
    });
  });

  describe('with the keyboard alone', () => {
    it('signs in, opens an alert, acknowledges it and resolves it', async () => {
      const page = await opened('/');
      await pressUntil(page, 'Sign in');
      await page.getByRole('heading', { name: 'Clinic sign-in' }).waitFor();
      await pressUntil(page, 'Go on as t-7');
      await page.getByRole('heading', { name: 'Your alerts' }).waitFor();
      await pressUntil(page, 'Safety: an answer about self-harm');
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      expect(await focused(page)).toBe('Safety: an answer about self-harm');
      expect(clinic.posted).toEqual([]);

      await pressUntil(page, 'Acknowledge');
      await page.getByText('You have taken this alert on.').waitFor();
      expect(clinic.posted).toEqual([{ version: 3 }]);
      expect(await focused(page)).toMatch(/^You have taken this alert on/);

      await pressUntil(page, 'Resolve…');
      await page.keyboard.press('Tab');
      // A group of radio buttons is one stop; the arrows choose in it.
      for (let presses = 0; presses < 7; presses += 1) await page.keyboard.press('ArrowDown');
      expect(await page.getByRole('radio', { name: 'The patient was spoken with' }).isChecked()).toBe(true);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('Why nothing has to be done');
      await page.keyboard.type('A typing error; the patient and I have talked about it');
      await pressUntil(page, 'Send the outcome');
      await page.getByText('Your outcome is saved.').waitFor();
      expect(clinic.posted.at(-1)).toEqual({
        version: 3,
        outcome: { code: 'no-action-needed', why: 'A typing error; the patient and I have talked about it' },
      });
      expect(complaints).toEqual([]);
    });

    it('always shows where the focus is', async () => {
      const page = await signedIn(sameDay);
      await page.getByRole('button', { name: 'Put off…' }).click();
      await page.getByRole('link', { name: 'Tandem' }).focus();
      for (let stop = 0; stop < 12; stop += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate<string>(
          'document.activeElement.outerHTML.slice(0, 100) + " " + getComputedStyle(document.activeElement).outlineStyle',
        );
        expect(outline).toMatch(/ solid$/);
      }
    });
  });

  describe('for whoever cannot see or point well', () => {
    // What the views are made of is the same in each look: the colours are looked at in two, and the rest in the two widths.
    const looks: readonly [string, BrowserContextOptions, Parameters<AxeBuilder['options']>[0]][] = [
      ['in light colours', { colorScheme: 'light', viewport: { width: 1120, height: 900 } }, {}],
      [
        'in dark colours',
        { colorScheme: 'dark', viewport: { width: 1120, height: 900 } },
        { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } },
      ],
      [
        '320 pixels wide',
        { viewport: { width: 320, height: 640 } },
        { rules: { 'color-contrast': { enabled: false } } },
      ],
    ];
    it.each(looks)(
      'has no fault that axe finds in any view, %s',
      async (_look, options, rules) => {
        const page = await opened(urgent, options);
        const fine = async () => {
          const { violations } = await new AxeBuilder({ page }).options({ runOnly: wcag, ...rules }).analyze();
          expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
          expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
            0,
          );
        };
        await page.getByRole('button', { name: 'Sign in' }).waitFor();
        await fine();
        await signIn(page);
        await page.getByRole('heading', { name: 'Your answer' }).waitFor();
        await fine();
        await page.getByRole('button', { name: 'Resolve…' }).click();
        await page.getByRole('button', { name: 'Send the outcome' }).click();
        await page.getByText('Choose what came of it.').waitFor();
        await fine();
        await page.getByRole('radio', { name: 'The patient was referred' }).check();
        await page.getByRole('radio', { name: 'No, so it has to be accounted for' }).check();
        await page.getByRole('button', { name: 'Send the outcome' }).click();
        await page.getByText('Write who received it.').waitFor();
        await fine();
        await page.getByRole('button', { name: 'Acknowledge' }).click();
        await page.getByText('You have taken this alert on.').waitFor();
        await fine();
        await page.getByRole('link', { name: 'All alerts' }).click();
        await page.getByRole('heading', { name: 'Your alerts' }).waitFor();
        await fine();
        await page.getByRole('link', { name: 'Getting worse' }).click();
        await page.getByRole('button', { name: 'Put off…' }).click();
        await page.getByLabel('Until when').fill('');
        await page.getByRole('button', { name: 'Put off', exact: true }).click();
        await page.getByText('Choose a day and a time.').waitFor();
        await fine();
        clinic.alerts.clear();
        await page.getByRole('button', { name: 'Acknowledge' }).click();
        await page.getByText('There is no alert at this address that you may see.').waitFor();
        await fine();
        await page.getByRole('link', { name: 'All alerts' }).click();
        await page.getByText('Nothing waits for you.').waitFor();
        await fine();
        await signOff(page);
        await fine();
      },
      180_000,
    );
  });

  describe('its policy', () => {
    it('is kept: a script or a style in the page itself, and a call elsewhere, are refused, and its own parts are not', async () => {
      const page = await signedIn(urgent);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      expect(complaints).toEqual([]);
      await page.evaluate(
        'document.body.append(Object.assign(document.createElement("style"), { textContent: "p { color: red }" }))',
      );
      await page.evaluate('fetch("http://127.0.0.1:9/").catch(() => {})');
      await expect(page.evaluate('document.body.innerHTML = "<p>planted</p>"')).rejects.toThrow(/TrustedHTML/);
      expect(complaints.filter((one) => one.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
    });
  });

  describe('a sign-in that gives out tokens at another address than its own', () => {
    it('is blocked by the policy of the page until clinic.yaml names that address, and then signs people in', async () => {
      clinic.issuer.tokensAt = clinic.issuer.otherOrigin;
      const blocked = await opened('/');
      await blocked.getByRole('button', { name: 'Sign in' }).click();
      await blocked.getByRole('button', { name: 'Go on as t-7' }).click();
      await blocked.getByText('The sign-in was not finished.').waitFor();
      expect(complaints.some((one) => one.includes('Content Security Policy'))).toBe(true);

      clinic.signInOrigins = [clinic.issuer.address, clinic.issuer.otherOrigin];
      complaints.length = 0;
      const page = await signedIn('/');
      await signOff(page);
      expect(clinic.issuer.refreshable.size).toBe(0);
      expect(complaints).toEqual([]);
    });
  });

  describe('its history', () => {
    it('tells who was asked, when and why, and every answer with its person, without any moment of a machine', async () => {
      const page = await signedIn(urgent);
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('You have taken this alert on.').waitFor();
      const lines = await page.getByRole('region', { name: 'History' }).getByRole('listitem').allTextContents();
      expect(lines.map((line) => line.split(/(?:today|yesterday), |\w{3}, \w{3} \d/)[0])).toEqual([
        'opened',
        'asked t-7 (step 1): it was opened',
        'sent: e-mail to t-7',
        'acknowledgedt-7, ',
        'became more serious',
        'asked t-7 (step 1): it became more serious',
        'sent: e-mail to t-7',
        'acknowledgedt-7, ',
      ]);
      expect(await page.locator('main').textContent()).not.toMatch(/\d{4}-\d{2}-\d{2}/);
    });
  });

  describe('its address and what the browser keeps', () => {
    it('hold the opaque id of an alert and nothing else, before and after the sign-in', async () => {
      const page = await opened(`${urgent}?utm_source=mail#x`);
      const addresses: string[] = [];
      page.on('framenavigated', (frame) => addresses.push(frame.url()));
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect(page.url()).toBe(`${clinic.address}${urgent}`);
      await signIn(page);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      expect(page.url()).toBe(`${clinic.address}${urgent}`);
      expect(await page.title()).toBe('Alert – Tandem');
      // The browser came by way of an address with a code, and has no way back to it.
      expect(addresses.some((one) => one.includes('code='))).toBe(true);
      await page.goBack();
      expect(page.url()).toContain(`${clinic.issuer.address}/authorize`);
      await page.goForward();
      expect(page.url()).toBe(`${clinic.address}${urgent}`);
      expect(await page.context().cookies(clinic.address)).toEqual([]);
    });

    it('hold no token: it lives in the page’s memory, so that a reload asks anew', async () => {
      const page = await signedIn(urgent);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      expect(await page.evaluate('Object.keys(sessionStorage).length + Object.keys(localStorage).length')).toBe(0);
      await page.reload();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect(await page.locator('body').textContent()).not.toMatch(/self-harm/);
    });

    it('are no way in: an answer to a sign-in that this tab did not begin is refused', async () => {
      const page = await opened('/?code=planted&state=planted');
      await page.getByText('The sign-in was not finished.').waitFor();
      expect(page.url()).toBe(`${clinic.address}/`);
      expect(clinic.issuer.good.size).toBe(0);
    });
  });

  describe('left alone', () => {
    it('warns, stays where somebody answers, and otherwise forgets everything and asks who is there anew', async () => {
      const page = await opened(urgent, {}, true);
      await signIn(page);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      await page.clock.runFor('14:10');
      await page.getByRole('alertdialog', { name: 'Are you still there?' }).waitFor();
      const { violations } = await new AxeBuilder({ page }).options({ runOnly: wcag }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      await page.keyboard.press('Enter');
      await page.getByRole('alertdialog').waitFor({ state: 'hidden' });

      await page.clock.runFor('14:10');
      await page.getByRole('alertdialog').waitFor();
      await page.clock.runFor('01:00');
      await page.getByText('You were signed off, because nothing was done for a while.').waitFor();
      expect(await page.locator('body').textContent()).not.toMatch(/self-harm|p-4k7q2m9x/);
      expect(clinic.issuer.refreshable.size).toBe(0);
      const asked = clinic.requests.length;
      // Too late: nobody knows who presses a key now.
      await page.keyboard.press('Enter');
      expect(clinic.requests.slice(asked).filter((one) => one.includes('/api/alerts'))).toEqual([]);

      await signIn(page);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      expect(clinic.issuer.asked.map((query) => query.get('prompt'))).toEqual([null, 'login']);
      expect(page.url()).toBe(`${clinic.address}${urgent}`);
    });

    it('has counted the time while the computer slept', async () => {
      const page = await opened(urgent, {}, true);
      await signIn(page);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      await page.clock.fastForward('08:00:00');
      await page.getByText('You were signed off, because nothing was done for a while.').waitFor();
      expect(await page.locator('body').textContent()).not.toMatch(/self-harm/);
    });
  });

  describe('signing off', () => {
    it('ends the issuer’s session, too, and has its tokens forgotten', async () => {
      const page = await signedIn('/');
      await signOff(page);
      expect(clinic.issuer.ended).toBe(1);
      expect(clinic.issuer.refreshable.size).toBe(0);
      await signIn(page);
      expect(clinic.issuer.asked.at(-1)?.get('prompt')).toBe('login');
    });
  });

  describe('while somebody works with it', () => {
    it('gets a new token before the old one runs out', async () => {
      clinic.issuer.tokenSeconds = 30;
      const page = await signedIn('/');
      await page.getByRole('link', { name: 'Safety' }).click();
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      expect(clinic.issuer.good.size).toBeGreaterThan(1);
      expect(clinic.issuer.refreshable.size).toBe(1);
    });

    it('asks to sign in again where the token is no longer good, and comes back to the same alert', async () => {
      const page = await signedIn(urgent);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      clinic.issuer.good.clear();
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('Your sign-in has run out.').waitFor();
      expect(await page.locator('body').textContent()).not.toMatch(/self-harm/);
      await signIn(page);
      await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
      expect(page.url()).toBe(`${clinic.address}${urgent}`);
    });

    it('is told where the issuer gives no new token', async () => {
      clinic.issuer.tokenSeconds = 30;
      const page = await signedIn(urgent);
      await page.getByRole('heading', { name: 'Your answer' }).waitFor();
      clinic.issuer.refreshable.clear();
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('Your sign-in has run out.').waitFor();
      expect(clinic.posted).toEqual([]);
    });
  });

  describe('the list', () => {
    it('has what is urgent first, and says so where it may not be whole', async () => {
      clinic.unreadable = 1;
      const page = await signedIn('/');
      await page.getByText('The records of 1 patient cannot be read just now.').waitFor();
      expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
        'Urgent',
        'Today',
        'On the daily list',
      ]);
    });

    it('shows somebody who may see states only that an alert is there, without a way to it', async () => {
      for (const [id, detail] of clinic.alerts)
        clinic.alerts.set(id, { ...detail, alert: { ...detail.alert, cause: null, patient: null } });
      const page = await signedIn('/');
      await page.getByText('a-urgent-1').waitFor();
      expect(await page.getByRole('listitem').getByRole('link').count()).toBe(0);
    });
  });

  describe('an alert that has ended', () => {
    it('is said to have, at the address of an old e-mail', async () => {
      const detail = clinic.alerts.get('a-urgent-1');
      if (detail !== undefined)
        clinic.alerts.set('a-urgent-1', { ...detail, alert: { ...detail.alert, status: 'resolved' } });
      const page = await signedIn(urgent);
      await page.getByText('This alert has ended.').waitFor();
      expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0);
    });
  });

  describe('an answer', () => {
    const results: readonly [string, number, object, string][] = [
      [
        'that comes late is told so',
        409,
        { result: 'seen-late', reason: 'seen late: acknowledged by s-1', alert: { id: 'a-urgent-1' } },
        'Somebody else was first: your answer came late and has changed nothing.',
      ],
      [
        'to an alert that has changed is told so',
        409,
        { result: 'stale', reason: 'it has changed since it was read', alert: null },
        'The alert has changed since you opened it. Your answer was not saved.',
      ],
      [
        'that is refused is told why',
        409,
        { result: 'refused', reason: 'it is overdue: only an outcome is missing', alert: null },
        'The reason: it is overdue: only an outcome is missing.',
      ],
      ['that is not this person’s to give is told so', 403, { error: 'role' }, 'Your role does not include this.'],
      ['that cannot be taken is told so', 400, {}, 'The answer could not be taken. Nothing has changed.'],
      ['that Tandem fails at is told so', 500, {}, 'Tandem could not do this just now.'],
    ];
    it.each(results)('%s', async (_rule, status, body, words) => {
      const page = await signedIn(urgent);
      clinic.nextAnswer = { status, body };
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText(words).waitFor();
      expect(clinic.posted).toEqual([{ version: 3 }]);
      // The alert is still there to be read and answered.
      expect(await page.getByRole('button', { name: 'Acknowledge' }).isVisible()).toBe(true);
    });

    it('to an alert that somebody else has ended is told so, and the alert is not asked for again', async () => {
      const page = await signedIn(urgent);
      const reason = 'seen late: the alert had ended';
      clinic.nextAnswer = { status: 409, body: { result: 'seen-late', reason, alert: null } };
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('It has ended: nobody has to answer it any more.').waitFor();
      await page.getByText('Somebody else was first').waitFor();
      expect(clinic.requests.filter((one) => one === 'GET /api/alerts/a-urgent-1')).toHaveLength(1);
    });

    it('that finds no network says that sending it again does no harm, and it can be sent again', async () => {
      const page = await signedIn(urgent);
      await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
      await page.context().setOffline(true);
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('No answer came from Tandem.').waitFor();
      await page.context().setOffline(false);
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('You have taken this alert on.').waitFor();
      expect(clinic.posted).toEqual([{ version: 3 }]);
    });

    it('pressed twice is sent once', async () => {
      const page = await signedIn(urgent);
      await page.getByRole('button', { name: 'Acknowledge' }).dblclick();
      await page.getByText('You have taken this alert on.').waitFor();
      expect(clinic.posted).toHaveLength(1);
    });

    it('that puts an alert off says until when and why, within what the clinic allows; what is urgent cannot be put off', async () => {
      const page = await signedIn(urgent);
      await page.getByText('What is urgent cannot be put off.').waitFor();
      expect(await page.getByRole('button', { name: 'Put off' }).count()).toBe(0);
      await page.getByRole('link', { name: 'All alerts' }).click();
      await page.getByRole('link', { name: 'Getting worse' }).click();
      await page.getByRole('button', { name: 'Put off…' }).click();
      const until = page.getByLabel('Until when');
      const send = page.getByRole('button', { name: 'Put off', exact: true });
      await until.fill('2020-01-01T09:00');
      await send.click();
      await page.getByText('Choose a time that is still to come.').waitFor();
      await page.getByText('Choose why it can wait.').waitFor();
      await until.fill('2099-01-01T09:00');
      await send.click();
      await page.getByText('Choose an earlier time: it cannot wait that long.').waitFor();
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
      await until.fill(`${tomorrow}T09:00`);
      await page.getByRole('radio', { name: 'A session is booked' }).check();
      expect(clinic.posted).toEqual([]);
      await send.click();
      await page.getByText('The alert is put off.').waitFor();
      // New York, as the browser of these tests is: 13:00 or 14:00 UTC, by season.
      expect(clinic.posted).toEqual([
        { version: 1, until: expect.stringMatching(new RegExp(`^${tomorrow}T1[34]:00`)), reason: 'session-booked' },
      ]);
    });

    it('with an outcome carries exactly the fields of that outcome', async () => {
      const page = await signedIn(urgent);
      const resolve = async (outcome: string) => {
        await page.getByRole('button', { name: 'Resolve…' }).click();
        await page.getByRole('radio', { name: outcome }).check();
      };
      const send = page.getByRole('button', { name: 'Send the outcome' });
      await resolve('The patient was referred');
      await page.getByRole('radio', { name: 'No, so it has to be accounted for' }).check();
      await page.getByLabel('Who received it').fill('Dr. Example, 1 Main Street');
      await page.getByLabel('What was disclosed').fill('The course of the treatment');
      await page.getByLabel('For which purpose').fill('Asked for by the patient');
      clinic.nextAnswer = { status: 500, body: {} };
      await send.click();
      await page.getByText('Tandem could not do this just now.').waitFor();
      expect(clinic.posted.at(-1)).toEqual({
        version: 3,
        outcome: {
          code: 'referred',
          disclosure: {
            recipient: 'Dr. Example, 1 Main Street',
            what: 'The course of the treatment',
            purpose: 'Asked for by the patient',
          },
        },
      });
      // What was filled in is still there.
      expect(await page.getByLabel('For which purpose').inputValue()).toBe('Asked for by the patient');
      await page.getByRole('radio', { name: 'Yes' }).check();
      await send.click();
      await page.getByText('Your outcome is saved.').waitFor();
      expect(clinic.posted.at(-1)).toEqual({ version: 3, outcome: { code: 'referred', disclosure: null } });
    });
  });
});

/** A tab of a browser of its own in New York, at this address. */
async function opened(path: string, options: BrowserContextOptions = {}, fakeClock = false): Promise<BrowserPage> {
  const context = await browser.newContext({
    locale: 'en-US',
    timezoneId: 'America/New_York',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  if (fakeClock) await page.clock.install();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${clinic.address}${path}`);
  return page;
}

async function signIn(page: BrowserPage): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: `Go on as ${clinic.issuer.staff}` }).click();
  await page.getByRole('button', { name: 'Sign off' }).waitFor();
}

/** By way of the issuer's page, and back. */
async function signOff(page: BrowserPage): Promise<void> {
  const back = page.waitForEvent('domcontentloaded');
  await page.getByRole('button', { name: 'Sign off' }).click();
  await back;
  await page.getByText('You are signed off.').waitFor();
}

async function signedIn(path: string): Promise<BrowserPage> {
  const page = await opened(path);
  await signIn(page);
  return page;
}

/** What has the focus, by its label or its words. */
function focused(page: BrowserPage): Promise<string> {
  return page.evaluate<string>('(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()');
}

/** Goes on with the Tab key to whatever has these words, and presses Enter on it. */
async function pressUntil(page: BrowserPage, words: string): Promise<void> {
  for (let stops = 0; stops < 40; stops += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === words) return page.keyboard.press('Enter');
  }
  throw new Error(`the Tab key never comes to "${words}"`);
}
