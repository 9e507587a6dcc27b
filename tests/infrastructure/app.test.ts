import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { copyOfClinic } from '../clinic-copy.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

function runApp(clinic: string): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ['bin/app.ts'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ clinic, 'aws:cdk:bundling-stacks': [] }) },
  });
}

describe('the CDK app', () => {
  const clinic = copyOfClinic();
  afterEach(() => clinic.remove());

  it('refuses to synthesise a clinic folder with faults, and names each by file and line', () => {
    clinic.write('clinic.yaml', clinic.read('clinic.yaml').replace('America/New_York', 'America/Gotham'));
    clinic.write('rules.yaml', `${clinic.read('rules.yaml')}\nunknown: 1\n`);
    const { status, stderr } = runApp(clinic.folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/clinic\.yaml:\d+: .*time zone/);
    expect(stderr).toMatch(/rules\.yaml:\d+: /);
  });
});
