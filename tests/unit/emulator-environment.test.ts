import { delimiter, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { childEnvironment, emulatorCredentials, node24, requireLoopback } from '../../bin/emulator/environment.ts';

describe('what the emulator and its tools may reach', () => {
  const parent = {
    HOME: '/home/someone',
    PATH: '/usr/bin',
    AWS_PROFILE: 'production',
    AWS_SESSION_TOKEN: 'a-real-session',
    AWS_ENDPOINT_URL_DYNAMODB: 'https://example.org',
  };

  it('passes nothing of a real AWS account on to a child process', () => {
    const environment = childEnvironment({}, parent);
    expect(Object.keys(environment).filter((name) => name.startsWith('AWS_'))).toEqual([
      'AWS_CONFIG_FILE',
      'AWS_SHARED_CREDENTIALS_FILE',
    ]);
    expect(environment['AWS_CONFIG_FILE']).toBe('/dev/null');
    expect(environment['AWS_SHARED_CREDENTIALS_FILE']).toBe('/dev/null');
    expect(environment['HOME']).toBe('/home/someone');
  });

  it('does not silence the functions where the process itself is silent', () => {
    const silent = { ...parent, POWERTOOLS_METRICS_DISABLED: 'true', POWERTOOLS_LOG_LEVEL: 'SILENT' };
    expect(Object.keys(childEnvironment({}, silent)).filter((name) => name.startsWith('POWERTOOLS'))).toEqual([]);
  });

  it('never sets an endpoint for the emulator itself, and sets it for what deploys to it', () => {
    expect(childEnvironment({}, parent)).not.toHaveProperty('AWS_ENDPOINT_URL');
    const deploying = childEnvironment(emulatorCredentials('http://127.0.0.1:4566'), parent);
    expect(deploying['AWS_ENDPOINT_URL']).toBe('http://127.0.0.1:4566');
    expect(deploying['AWS_ACCESS_KEY_ID']).toBe('test');
  });

  it('puts the Node that the project installs before any other', () => {
    expect(childEnvironment({}, parent)['PATH']).toBe([dirname(node24), '/usr/bin'].join(delimiter));
  });

  it.each(['http://127.0.0.1:4566', 'http://localhost:1', 'http://[::1]:4566'])('deploys to %s', (endpoint) => {
    expect(() => requireLoopback(endpoint)).not.toThrow();
  });

  it.each([
    'https://dynamodb.eu-north-1.amazonaws.com',
    'http://127.0.0.1.example.org',
    'http://10.0.0.1:4566',
    'http://0.0.0.0:4566',
  ])('refuses to deploy to %s', (endpoint) => {
    expect(() => requireLoopback(endpoint)).toThrow('must be on this machine');
  });
});
