import { points, type TrialReport, type WeekSaid } from './report.ts';

const panel = { width: 640, height: 320, left: 80, top: 60 };
const ink = '#1b1b1b';
const blue = '#0b5cad';

/** The effect at the end of each week, with its 95 % sequence. A picture by itself, no script; null: nothing can be told yet. */
export function plot({ weeks, trial, standing, worthKnowing }: TrialReport): string | null {
  const told = weeks.flatMap(({ effect, sequence, ...week }) =>
    effect === null || sequence === null ? [] : [{ ...week, effect, low: sequence[0], high: sequence[1] }],
  );
  const [first] = told;
  const last = told.at(-1);
  if (first === undefined || last === undefined) return null;
  const most = Math.max(worthKnowing, ...told.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const x = (index: number) => (told.length === 1 ? panel.width / 2 : (index / (told.length - 1)) * panel.width);
  const y = (effect: number) => (panel.height * (most - effect)) / (2 * most);
  const at = (index: number, effect: number) => `${round(x(index))},${round(y(effect))}`;
  const band = [
    ...told.map(({ high }, index) => at(index, high)),
    ...told.map(({ low }, index) => at(index, low)).toReversed(),
  ].join(' ');
  const title = `What a reminder does within 48 hours${standing === 'rehearsed' ? ' (REHEARSED)' : ''}: trial ${trial}`;
  const ticks = [-most, -worthKnowing, 0, worthKnowing, most].filter((tick, index, all) => all.indexOf(tick) === index);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panel.width + 120} ${panel.height + 140}" width="${panel.width + 120}" height="${panel.height + 140}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${ink}">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="20" y="30" font-size="17" font-weight="600">${title}</text>`,
    `<g transform="translate(${panel.left} ${panel.top})">`,
    `<polygon points="${band}" fill="${blue}" fill-opacity="0.18"/>`,
    ...ticks.map(
      (tick) =>
        `<line x1="0" y1="${round(y(tick))}" x2="${panel.width}" y2="${round(y(tick))}" stroke="${tick === 0 ? ink : '#bbb'}"/><text x="-8" y="${round(y(tick) + 4)}" text-anchor="end">${tick === 0 ? '0' : points(tick)}</text>`,
    ),
    `<polyline points="${told.map(({ effect }, index) => at(index, effect)).join(' ')}" fill="none" stroke="${blue}" stroke-width="2.5"/>`,
    ...told.map(
      ({ effect }, index) => `<circle cx="${round(x(index))}" cy="${round(y(effect))}" r="3" fill="${blue}"/>`,
    ),
    `<text x="0" y="${panel.height + 24}">${weekInWords(first)}</text>`,
    `<text x="${panel.width}" y="${panel.height + 24}" text-anchor="end">${weekInWords(last)}</text>`,
    `<text x="0" y="${panel.height + 50}">Points more (above) or fewer (below) with activity, at the end of each week.</text>`,
    `<text x="0" y="${panel.height + 68}">Band: 95 %, at all looks together.</text>`,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function weekInWords({ until, draws }: Pick<WeekSaid, 'until' | 'draws'>): string {
  return `${until.slice(0, 10)}, ${draws} draws`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
