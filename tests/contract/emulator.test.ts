import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { startEmulator } from '../../bin/emulator/emulator.ts';
import { isAlive } from '../../bin/emulator/one-at-a-time.ts';
import { until } from '../emulator/poll.ts';

describe.skipIf(process.env['TANDEM_TEST_ENDPOINT'] !== undefined)('the local emulator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-emulator-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('can be reached from this machine only', async () => {
    const { port } = new URL(inject('emulator').endpoint);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      await expect(fetch(`http://${address}:${port}/_ministack/ready`)).rejects.toThrow('fetch failed');
    }
    await expect(fetch(`http://127.0.0.1:${port}/_ministack/ready`)).resolves.toMatchObject({ ok: true });
  });

  it('ends with the process that started it, even when that one is killed', async () => {
    const start = new URL('../../bin/emulator/emulator.ts', import.meta.url).href;
    const script = `
      const { startEmulator } = await import('${start}');
      const { pid } = await startEmulator({ logFile: '${join(folder, 'killed.log')}' });
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until('the emulator to end', async () => !isAlive(pid), { limitSeconds: 20 });
  });

  it('leaves nothing behind when it is stopped, and may be stopped twice', async () => {
    const emulator = await startEmulator({ logFile: join(folder, 'stopped.log') });
    await emulator.reset();
    await emulator.stop();
    await emulator.stop();
    expect(isAlive(emulator.pid)).toBe(false);
    expect(existsSync(emulator.logFile)).toBe(true);
  });

  it('refuses a port at which another emulator answers', async () => {
    const port = Number(new URL(inject('emulator').endpoint).port);
    const second = startEmulator({ port, logFile: join(folder, 'second.log') });
    await expect(second).rejects.toThrow('already answers');
  });

  it('says with the end of its log why it could not start', async () => {
    const other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const starting = startEmulator({ port, logFile: join(folder, 'taken.log') });
    await expect(starting).rejects.toThrow(/The emulator ended \(exit 1\)(.|\n)*already in use/);
    other.close();
  });
});
