import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { workflowDocument } from '../../bin/workflow-diagrams.ts';

interface States {
  readonly [name: string]: { readonly Comment?: string; readonly ItemProcessor?: { readonly States: States } };
}

const machines = readdirSync('state-machines').map((file) => ({
  file,
  machine: JSON.parse(readFileSync(`state-machines/${file}`, 'utf8')) as { Comment: string; States: States },
}));

function all(states: States): [string, string][] {
  return Object.entries(states).flatMap(([name, { Comment = '', ItemProcessor }]) => [
    [name, Comment],
    ...(ItemProcessor === undefined ? [] : all(ItemProcessor.States)),
  ]);
}

describe('docs/workflows.md', () => {
  it('is what the state machines are today: npx node bin/workflow-diagrams.ts draws it anew', () => {
    expect(readFileSync('docs/workflows.md', 'utf8')).toBe(workflowDocument());
  });

  it.each(machines)('draws every state of $file, and says in words what happens there', ({ machine }) => {
    const text = workflowDocument();
    for (const [name, comment] of all(machine.States)) {
      expect(text).toContain(`"${name}"`);
      expect(comment).not.toBe('');
      expect(text).toContain(`| ${name} | ${comment} |`);
    }
  });

  it('has one picture for each workflow, and no arrow from or to nowhere', () => {
    const pictures = [...workflowDocument().matchAll(/```mermaid\n(.*?)```/gs)].map(([, picture = '']) => picture);
    expect(pictures).toHaveLength(machines.length);
    for (const picture of pictures) {
      const drawn = new Set([...picture.matchAll(/^ *(?:subgraph )?(\w+)[[({]/gm)].map(([, id]) => id));
      const arrows = [...picture.matchAll(/(\w+)(?:\(\(" "\)\))? -->(?:\|[^|]*\|)? (\w+)/g)];
      expect(arrows.length).toBeGreaterThan(0);
      for (const [, from, to] of arrows) {
        expect(drawn).toContain(from);
        expect(drawn).toContain(to);
      }
    }
  });
});
