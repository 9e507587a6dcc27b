import type { AccessReview, ReviewCount } from '../functions/domain/access-review.ts';

const rowHeight = 34;
const left = 210;
const bar = 420;
const width = left + bar + 90;
const ink = '#1b1b1b';

/** What each action counts as in the chart. */
const kinds = [
  { name: 'looked at', fill: '#0b5cad' },
  { name: 'did', fill: '#5b8c2a' },
  { name: 'refused', fill: '#b04a00' },
] as const;

const looks = /\.(view|read|list|search|show|emergency|disclosures|who-saw|export|fhir|review)$/;

/** A bar for each person: how many records, and of which kind. A picture by itself, no script. */
export function accessReviewChart({ people, from, to }: AccessReview): string {
  const height = 110 + Math.max(people.length, 1) * rowHeight;
  const most = Math.max(1, ...people.map(({ records }) => records));
  const title = `Audit records by person, ${from.slice(0, 10)} to ${to.slice(0, 10)}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13" fill="${ink}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(20, 30, title, 'font-size="18" font-weight="600"'),
    ...kinds.map(({ name, fill }, place) => legend(left + place * 120, 56, name, fill)),
    ...(people.length === 0 ? [text(20, 100, 'No person did anything.')] : []),
    ...people.map((person, row) => barOf(person, 78 + row * rowHeight, bar / most)),
    '</svg>',
    '',
  ].join('\n');
}

function barOf(person: ReviewCount, y: number, scale: number): string {
  let x = left;
  const parts = partsOf(person).map((count, place) => {
    const length = Math.round(count * scale * 100) / 100;
    const rect = `<rect x="${x}" y="${y}" width="${length}" height="20" fill="${kinds[place]?.fill ?? ink}"/>`;
    x += length;
    return count === 0 ? '' : rect;
  });
  return [
    text(left - 10, y + 15, `${person.who}, ${person.role}`, 'text-anchor="end"'),
    ...parts.filter((part) => part !== ''),
    text(x + 6, y + 15, `${person.records} (${person.patients} patients)`),
  ].join('');
}

/** In the order of `kinds`. A refusal counts as such only. */
function partsOf({ records, refused, actions }: ReviewCount): readonly number[] {
  const looked = actions.reduce((sum, one) => (looks.test(one.action) ? sum + one.records : sum), 0);
  const lookedAt = Math.min(looked, records - refused);
  return [lookedAt, records - refused - lookedAt, refused];
}

function legend(x: number, y: number, name: string, fill: string): string {
  return `<rect x="${x}" y="${y - 11}" width="12" height="12" fill="${fill}"/>${text(x + 18, y, name)}`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${Math.round(x * 100) / 100}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
