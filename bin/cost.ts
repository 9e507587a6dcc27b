import { writeFileSync } from 'node:fs';
import { assumptions, type Knobs, knobs } from './cost/assumptions.ts';
import { alwaysOn, dollarsOf, dueOf, monthByService, scans, together, type Usage } from './cost/model.ts';
import { lookedUpOn, prices } from './cost/prices.ts';

const known = [1000, 100_000, 10_000_000];
const active = [100, 1000, 10_000];

/** docs/cost.md: what a deployment may cost, from dated prices and stated assumptions. */
export function costPage(): string {
  return `${[
    '# Cost',
    '',
    '**This is a model, not a bill.** Tandem has run on an emulator, not yet in an AWS account. Every figure here is a price times an assumed',
    'amount; `npx node bin/cost.ts` writes the page from `bin/cost/`, and a test fails where it is not current. US dollars, us-east-1, on demand,',
    `without free tiers, discounts and taxes. Prices were looked up on ${lookedUpOn}; "(confirm)" stands where no page could be read that says so.`,
    '',
    '## The nightly scan',
    'Known patients are all the clinic ever had; a quarter of them are taken to be active, and only active ones come due.',
    '',
    ...scanTable(),
    '',
    ...scanWords(),
    '',
    '## The whole deployment, by service',
    'Dollars a month for so many **active** patients, at the end of the first year. The list is complete: a test looks for services that lib/',
    'builds with and that are not counted here. IAM and CloudFormation cost nothing; X-Ray is off as shipped, and there is no firewall.',
    '',
    ...serviceTable(),
    '',
    ...serviceWords(),
    '',
    '## Always on, for comparison',
    'The smallest kind that keeps such data as it must be kept: one small server behind a load balancer, a database in two zones. It is the',
    'same for 100 and for 10,000 patients. Who patches and watches it, and who writes what Tandem does, is not counted; neither are SMS.',
    '',
    ...alwaysOnTable(),
    '',
    '## Knobs',
    'What a change would save a month with 1,000 active patients.',
    '',
    ...knobTable(),
    '',
    '## What is assumed',
    ...rows(
      ['assumption', 'value', 'from'],
      Object.values(assumptions).map(({ what, value, from }) => [what, number(value), from]),
    ),
    '',
    '## Prices',
    ...rows(
      ['price', 'dollars', 'per', 'read at', 'dated'],
      Object.values(prices).map(({ what, dollars, per, source, dated, confirm }) => [
        what,
        `${plain(dollars)}${confirm ? ' (confirm)' : ''}`,
        per,
        source,
        dated,
      ]),
    ),
  ].join('\n')}\n`;
}

function scanTable(): string[] {
  return rows(
    ['way to scan', ...known.map((size) => `${number(size)} known: a night`), `a month at ${number(100_000)}`],
    Object.entries(scans).map(([name, usageOf]) => [
      name,
      ...known.map((size) => money(dollarsOf(usageOf(size, knobs)))),
      money(dollarsOf(usageOf(100_000, knobs)) * knobs.daysOfMonth),
    ]),
  );
}

function scanWords(): string[] {
  const size = 100_000;
  const built = scans['review index, inline map over shards (as built)'](size, knobs);
  const full = scans['full scan, everyone accounted for'](size, knobs);
  const distributed = scans['review index, distributed map'](size, knobs);
  const onePatient = scans['review index, distributed map'](size, { ...knobs, patientsOfChild: 1 });
  const writing = dollarsOf({ write: built.write ?? 0 }) / dollarsOf(built);
  return [
    `- Of ${number(size)} known patients ${number(dueOf(size, knobs))} are due: the full scan costs ${(dollarsOf(full) / dollarsOf(built)).toFixed(1)} times as much. What is saved follows the share that is not due: where`,
    '  nearly everybody is active and uses the programme on most days, an index saves little.',
    `- ${percent(writing)} of it is writing: one transaction for each patient looked at, with its audit record and its line in the night's account. That`,
    '  is the price of "everybody is accounted for", and the map in front of it hardly matters:',
    `  ${money(dollarsOf({ transition: built.transition ?? 0 }))} for the inline map, ${money(dollarsOf({ transition: distributed.transition ?? 0 }))} for a distributed one in batches of ${knobs.patientsOfChild}, ${money(dollarsOf({ transition: onePatient.transition ?? 0 }))} with one patient a child.`,
    '- An inline map is bound to one execution of 25,000 steps in its history. With 16 shards and pages of four and a half minutes that is enough',
    `  for ten million; it is time that ends first: ${number(dueOf(10_000_000, knobs))} due at ${number(4 * knobs.reviewsASecond)} a second take ${(dueOf(10_000_000, knobs) / (4 * knobs.reviewsASecond) / 3600).toFixed(1)} hours.`,
  ];
}

function serviceTable(): string[] {
  const months = active.map((patients) => monthByService(patients, knobs));
  const services = [...(months[0] ?? new Map<string, Usage>()).keys()];
  return rows(
    ['service', ...active.map((patients) => `${number(patients)} active`)],
    [
      ...services.map((service) => [service, ...months.map((month) => money(dollarsOf(month.get(service) ?? {})))]),
      ['**together**', ...months.map((month) => `**${money(total(month))}**`)],
      ['for each patient', ...months.map((month, index) => money(total(month) / (active[index] ?? 1)))],
    ],
  );
}

function serviceWords(): string[] {
  const idle = monthByService(0, knobs);
  const fixed = total(idle);
  const calls = monthByService(1000, knobs).get('Lambda')?.invocation ?? 0;
  const largest = [...idle]
    .map(([service, usage]) => ({ service, dollars: dollarsOf(usage) }))
    .toSorted((a, b) => b.dollars - a.dollars)
    .slice(0, 3)
    .map(({ service, dollars }) => `${service} ${money(dollars)}`);
  return [
    `A deployment without a single patient costs ${money(fixed)} a month: ${largest.join(', ')}.`,
    'SMS are what grows fastest with the patients, and are the least certain price: carriers add fees of their own.',
    `With \`deployment.tracing\`, X-Ray follows at this pace nearly every call of a function: ${money(dollarsOf({ trace: calls }))} more with 1,000 active patients.`,
  ];
}

function alwaysOnTable(): string[] {
  const parts = alwaysOn(knobs);
  return rows(
    ['part', 'a month'],
    [
      ...[...parts].map(([part, usage]) => [part, money(dollarsOf(usage))]),
      ['**together**', `**${money(total(parts))}**`],
      ...active.map((patients) => [
        `Tandem without SMS, ${number(patients)} active`,
        money(total(monthByService(patients, { ...knobs, sms: 0 }))),
      ]),
    ],
  );
}

function knobTable(): string[] {
  const before = total(monthByService(1000, knobs));
  const changes: [string, Partial<Knobs>][] = [
    ['reminders by e-mail only', { sms: 0 }],
    ['a round of reminders every hour instead of every 15 minutes (then up to an hour late)', { roundsADay: 24 }],
    ['half the alarms (not advised)', { alarms: assumptions.alarms.value / 2 }],
    ['no metrics of single routes of the API (no alarm needs them)', { routeMetrics: 0 }],
    ['a seal every hour instead of every 5 minutes (then a change of the last hour would not show)', { sealsADay: 24 }],
    ['half the events: a programme that sends one a day instead of every use', { events: knobs.events / 2 }],
  ];
  return rows(
    ['change', 'saves a month'],
    changes.map(([what, changed]) => [what, money(before - total(monthByService(1000, { ...knobs, ...changed })))]),
  );
}

function rows(headings: readonly string[], cells: readonly (readonly string[])[]): string[] {
  return [line(headings), `|${headings.map(() => '---').join('|')}|`, ...cells.map(line)];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function total(usages: ReadonlyMap<string, Usage>): number {
  return dollarsOf(together(...usages.values()));
}

/** Two places; four where it is less than ten cents. */
function money(dollars: number): string {
  const places = dollars !== 0 && Math.abs(dollars) < 0.1 ? 4 : 2;
  return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places })}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Without an exponent: 0.000000625. */
function plain(dollars: number): string {
  return dollars.toLocaleString('en-US', { maximumSignificantDigits: 9, maximumFractionDigits: 12 });
}

if (import.meta.main) writeFileSync(new URL('../docs/cost.md', import.meta.url), costPage());
