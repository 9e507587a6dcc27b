import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { clinicFolder } from '../example-clinic.ts';

/**
 * Settings that start their line, as paths without places in lists, and whether a comment stands right above them, or above the
 * entry of a list that they belong to.
 */
function settingsOf(file: string): { setting: string; explained: boolean }[] {
  const text = readFileSync(join(clinicFolder, file), 'utf8');
  const rows = text.split('\n');
  const lines = new LineCounter();
  const settings: { setting: string; explained: boolean }[] = [];
  const hasCommentAbove = (offset: number) => /^\s*#./.test(rows[lines.linePos(offset).line - 2] ?? '');
  visit(parseDocument(text, { lineCounter: lines }), {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key) || !pair.key.range) return;
      const start = pair.key.range[0];
      const { line, col } = lines.linePos(start);
      if (!/^[\s-]*$/.test((rows[line - 1] ?? '').slice(0, col - 1))) return;
      const parents = ancestors.flatMap((one) => ('key' in one && isScalar(one.key) ? [String(one.key.value)] : []));
      const [list, entry] = ancestors.slice(-2);
      const isExplainedByEntry = isSeq(list) && isMap(entry) && entry.range && hasCommentAbove(entry.range[0]);
      settings.push({
        setting: [...parents, pair.key.value].join('.'),
        explained: isExplainedByEntry === true || hasCommentAbove(start),
      });
    },
  });
  return settings;
}

const inFolder = (folder: string) => readdirSync(join(clinicFolder, folder)).map((name) => `${folder}/${name}`);

it.each([
  ['clinic.yaml', ['clinic.yaml']],
  ['programme.yaml', ['programme.yaml']],
  ['rules.yaml', ['rules.yaml']],
  ['escalation.yaml', ['escalation.yaml']],
  ['messages', inFolder('messages')],
  ['measures', inFolder('measures')],
])('every setting of %s has a comment above it, where it first appears', (_, files) => {
  const settings = files.flatMap(settingsOf);
  const explained = new Set(settings.filter((one) => one.explained).map(({ setting }) => setting));
  expect(settings.length).toBeGreaterThan(3);
  expect(settings.map(({ setting }) => setting).filter((setting) => !explained.has(setting))).toEqual([]);
});

it.each(['clinic.yaml', 'messages/en.yaml'])(
  'every comment above a setting of %s says where its value comes from',
  (file) => {
    const rows = readFileSync(join(clinicFolder, file), 'utf8').split('\n');
    const silent = rows.filter((row, index) => {
      if (!/^[\s-]*[A-Za-z][\w-]*:/.test(row)) return false;
      const comment = rows.slice(
        rows.findLastIndex((other, place) => place < index && !/^\s*#/.test(other)) + 1,
        index,
      );
      return !/default|made up|CFR|988lifeline/i.test(comment.join(' '));
    });
    expect(silent).toEqual([]);
  },
);
