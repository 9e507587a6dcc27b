/** What every child process of the emulator gets: Node 24 first on its path, and no way to a real AWS account. */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, wherever the command was called from. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** Files that live as long as a checkout and are never committed: logs, assemblies, the running emulator's pid. */
export const workFolder = join(projectRoot, '.tandem');

/** The account and region of everything deployed to the emulator. */
export const emulatorAccount = '000000000000';
export const emulatorRegion = 'eu-north-1';

const installedNode = join(projectRoot, 'node_modules', 'node', 'bin', 'node');

/** The Node 24 that the project installs; on a platform without that package, the one that runs this. */
export const node24 = existsSync(installedNode) ? installedNode : process.execPath;

/** Credentials that mean something to the emulator only, as environment variables. */
export function emulatorCredentials(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: emulatorRegion,
    AWS_DEFAULT_REGION: emulatorRegion,
  };
}

/** Refuses an endpoint that is not on this machine, so that nothing meant for the emulator reaches an AWS account. */
export function requireLoopback(endpoint: string): void {
  const { hostname } = new URL(endpoint);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    throw new Error('The emulator must be on this machine: give an endpoint at 127.0.0.1.');
  }
}

/**
 * The environment of this process without anything of AWS in it (profiles, sessions, endpoints), with Node 24 first on
 * the path and the project's packages found by functions that leave the SDK out of their bundle.
 */
export function childEnvironment(
  extra: Record<string, string> = {},
  parent: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  // What silences the logs and metrics of a test's own process must not silence the functions that are looked at.
  const inherited = Object.entries(parent).filter(([name]) => !/^(AWS|POWERTOOLS)_/.test(name));
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(node24), parent['PATH'] ?? ''].join(delimiter),
    NODE_PATH: join(projectRoot, 'node_modules'),
    // A profile in the home folder must not take part either.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...extra,
  };
}
