import { type Evaluation, minutesPerRedWeek } from '../../functions/domain/evaluation.ts';
import { percent, threePlaces } from './figures-in-words.ts';

const panel = { width: 400, height: 300, left: 70, top: 60, gap: 90 };
const rowHeight = 440;
const width = panel.left + 2 * panel.width + panel.gap + 80;
const ink = '#1b1b1b';
const found = '#0b5cad';
const cost = '#b04a00';

/** Two charts for each outcome: the ROC curve, and what each threshold finds and costs. A picture by itself, no script. */
export function plot(evaluations: readonly Evaluation[], title: string): string {
  const height = 50 + evaluations.length * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${ink}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(20, 30, title, 'font-size="18" font-weight="600"'),
    ...evaluations.map((one, row) => group(0, 50 + row * rowHeight, [rocPanel(one), costPanel(one)])),
    '</svg>',
    '',
  ].join('\n');
}

function rocPanel(one: Evaluation): string {
  const { left, top } = panel;
  const x = (share: number) => share * panel.width;
  const y = (share: number) => panel.height * (1 - share);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const { sensitivity, specificity, auc } = one.atWeek;
  const here = sensitivity === null || specificity === null ? null : { x: x(1 - specificity), y: y(sensitivity) };
  return group(left, top, [
    text(
      0,
      -28,
      `${one.target}, week ${one.week}: n ${one.atWeek.patients}, AUC ${threePlaces(auc)}`,
      'font-weight="600"',
    ),
    frame(),
    ...ticks.flatMap((tick) => [gridX(x(tick), percentTick(tick)), gridY(y(tick), percentTick(tick))]),
    `<line x1="0" y1="${panel.height}" x2="${panel.width}" y2="0" stroke="#888" stroke-dasharray="4 4"/>`,
    line(
      one.roc.map((point) => [x(point.falseAlarms), y(point.sensitivity)]),
      found,
    ),
    ...(here === null
      ? []
      : [dot(here.x, here.y, found), text(here.x + 10, here.y + 18, `red from ${one.red}`, `fill="${found}"`)]),
    axisX('flagged among those without the outcome'),
    axisY('found among those with it', -52),
  ]);
}

function costPanel(one: Evaluation): string {
  const left = panel.left + panel.width + panel.gap;
  const { thresholds } = one;
  const from = thresholds[0]?.threshold ?? 0;
  const to = Math.max(from + 1, thresholds.at(-1)?.threshold ?? 0);
  const most = 100 * minutesPerRedWeek;
  const x = (threshold: number) => ((threshold - from) / (to - from)) * panel.width;
  const y = (share: number) => panel.height * (1 - share);
  const step = Math.max(1, Math.ceil((to - from) / 10));
  const ticks = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
  const red = thresholds.find(({ threshold }) => threshold === one.red);
  return group(left, panel.top, [
    text(0, -28, 'What red from a score on finds and costs', 'font-weight="600"'),
    frame(),
    ...ticks.map((tick) => gridX(x(tick), String(tick))),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((tick) => [
      gridY(y(tick), percentTick(tick), found),
      text(panel.width + 8, y(tick) + 4, String(Math.round(tick * most)), `fill="${cost}"`),
    ]),
    line(
      thresholds.flatMap(({ threshold, sensitivity }) =>
        sensitivity === null ? [] : [[x(threshold), y(sensitivity)] as const],
      ),
      found,
    ),
    line(
      thresholds.map(({ threshold, minutesPer100 }) => [x(threshold), y(minutesPer100 / most)] as const),
      cost,
      '6 4',
    ),
    ...(red === undefined
      ? []
      : [
          `<line x1="${round(x(red.threshold))}" y1="0" x2="${round(x(red.threshold))}" y2="${panel.height}" stroke="${ink}"/>`,
          text(
            x(red.threshold),
            -8,
            `red from ${one.red}: finds ${percent(red.sensitivity)}, ${red.minutesPer100.toFixed(0)} min`,
            `text-anchor="${x(red.threshold) > panel.width / 2 ? 'end' : 'start'}"`,
          ),
        ]),
    axisX('red from this score on'),
    `<g fill="${found}">${axisY('found (line)', -46)}</g>`,
    `<g fill="${cost}">${axisY('minutes a week for 100 patients (dashes)', panel.width + 52)}</g>`,
  ]);
}

function group(x: number, y: number, parts: readonly string[]): string {
  return `<g transform="translate(${x} ${y})">\n${parts.join('\n')}\n</g>`;
}

function frame(): string {
  return `<rect width="${panel.width}" height="${panel.height}" fill="none" stroke="#444"/>`;
}

function gridX(x: number, label: string): string {
  return `<line x1="${round(x)}" y1="0" x2="${round(x)}" y2="${panel.height}" stroke="#e2e2e2"/>${text(x, panel.height + 18, label, 'text-anchor="middle"')}`;
}

function gridY(y: number, label: string, fill = ink): string {
  return `<line x1="0" y1="${round(y)}" x2="${panel.width}" y2="${round(y)}" stroke="#e2e2e2"/>${text(-8, y + 4, label, `text-anchor="end" fill="${fill}"`)}`;
}

function axisX(label: string): string {
  return text(panel.width / 2, panel.height + 40, label, 'text-anchor="middle"');
}

function axisY(label: string, x: number): string {
  return `<text transform="translate(${x} ${panel.height / 2}) rotate(-90)" text-anchor="middle">${escaped(label)}</text>`;
}

function line(points: readonly (readonly [number, number])[], colour: string, dashes?: string): string {
  const at = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  return `<polyline points="${at}" fill="none" stroke="${colour}" stroke-width="2.5"${dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`}/>`;
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="5" fill="${colour}"/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(content)}</text>`;
}

function percentTick(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
