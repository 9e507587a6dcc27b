/** A run under load as a picture: no script, nothing but numbers. */

export interface LoadSample {
  /** Since the first event was sent. */
  readonly second: number;
  /** Events put on the bus so far. */
  readonly sent: number;
  /** Messages in the queue of events or in the hands of the function. */
  readonly waiting: number;
}

const panel = { width: 640, height: 180, left: 70, top: 70, gap: 80 };
const ink = '#1b1b1b';
const blue = '#0b5cad';
const brown = '#b04a00';
/** What a point of the upper line is the mean of. */
const meanSeconds = 10;

/** Events taken in a second (upper), and messages waiting (lower). */
export function loadPicture(samples: readonly LoadSample[], title: string): string {
  const last = samples.at(-1)?.second ?? 1;
  const width = panel.width + 110;
  const height = panel.top + 2 * panel.height + panel.gap + 50;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${ink}">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(20, 30, title, 'font-size="17" font-weight="600"'),
    chart(0, `events taken in a second, mean of ${meanSeconds} s`, takenPerSecond(samples), last, blue),
    chart(
      1,
      'messages waiting or in hand',
      samples.map(({ second, waiting }) => [second, waiting]),
      last,
      brown,
    ),
    '</svg>',
    '',
  ].join('\n');
}

type Points = readonly (readonly [second: number, value: number])[];

function takenPerSecond(samples: readonly LoadSample[]): Points {
  const points: [number, number][] = [];
  let before: LoadSample = { second: 0, sent: 0, waiting: 0 };
  for (const sample of samples) {
    const seconds = sample.second - before.second;
    if (seconds < meanSeconds) continue;
    const taken = sample.sent - sample.waiting - (before.sent - before.waiting);
    // What the queue says is rough, on AWS too.
    points.push([sample.second, Math.max(0, taken) / seconds]);
    before = sample;
  }
  return points;
}

function chart(row: number, label: string, points: Points, lastSecond: number, colour: string): string {
  const most = Math.max(1, ...points.map(([, value]) => value));
  const x = (second: number) => round((second / lastSecond) * panel.width);
  const y = (value: number) => round(panel.height * (1 - value / most));
  const minutes = Array.from({ length: Math.floor(lastSecond / 60) + 1 }, (_, minute) => minute);
  return [
    `<g transform="translate(${panel.left} ${panel.top + row * (panel.height + panel.gap)})">`,
    text(0, -12, label, 'font-weight="600"'),
    `<rect width="${panel.width}" height="${panel.height}" fill="none" stroke="#bbb"/>`,
    ...[0, most / 2, most].map((value) => text(-8, y(value) + 4, String(Math.round(value)), 'text-anchor="end"')),
    ...minutes.map((minute) => text(x(minute * 60), panel.height + 20, `${minute} min`, 'text-anchor="middle"')),
    `<polyline points="${points.map(([second, value]) => `${x(second)},${y(value)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    '</g>',
  ].join('\n');
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
