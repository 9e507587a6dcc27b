import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assumptions, knobs } from '../../bin/cost/assumptions.ts';
import { alwaysOn, dollarsOf, monthByService, scans, times, together } from '../../bin/cost/model.ts';
import { lookedUpOn, prices } from '../../bin/cost/prices.ts';
import { costPage } from '../../bin/cost.ts';
import { exampleClinic } from '../example-clinic.ts';

/** What lib/ builds with, and where the page counts it; null: it costs nothing of its own. */
const countedAs: Readonly<Record<string, string | null>> = {
  apigateway: 'API Gateway',
  apigatewayv2: 'API Gateway',
  'apigatewayv2-authorizers': 'API Gateway',
  'apigatewayv2-integrations': 'API Gateway',
  backup: 'AWS Backup',
  cloudwatch: 'CloudWatch',
  'cloudwatch-actions': null,
  cognito: 'Cognito',
  dynamodb: 'DynamoDB',
  events: 'EventBridge',
  'events-targets': null,
  iam: null,
  kms: 'KMS',
  lambda: 'Lambda',
  'lambda-event-sources': 'Lambda',
  'lambda-nodejs': 'Lambda',
  logs: 'CloudWatch',
  s3: 'S3',
  scheduler: 'EventBridge',
  sns: 'SNS, e-mail',
  'sns-subscriptions': null,
  sqs: 'SQS',
  stepfunctions: 'Step Functions',
};

describe('the page on cost', () => {
  it('is what prices and assumptions say today (npx node bin/cost.ts writes it)', () => {
    expect(readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8')).toBe(costPage());
  });

  it('says that it is a model, and marks every price that could not be read anywhere', () => {
    const page = costPage();
    expect(page).toContain('**This is a model, not a bill.**');
    for (const { what, source, confirm } of Object.values(prices)) {
      const row = page.split('\n').find((line) => line.startsWith(`| ${what} |`));
      expect(row).toContain(source);
      expect(row?.includes('(confirm)')).toBe(confirm === true);
    }
  });

  it('counts every service that a stack of lib/ builds with', () => {
    const lib = new URL('../../lib/', import.meta.url);
    const modules = readdirSync(lib).flatMap((file) =>
      [...readFileSync(new URL(file, lib), 'utf8').matchAll(/aws-cdk-lib\/aws-([a-z0-9-]+)/g)].map(
        ([, name = '']) => name,
      ),
    );
    const services = new Set([...monthByService(100, knobs).keys(), null]);
    for (const name of new Set(modules))
      expect([name, services.has(countedAs[name] ?? null), name in countedAs]).toEqual([name, true, true]);
  });
});

describe('what is counted', () => {
  it('are the backups that clinic.yaml asks for, one a night', () => {
    expect(assumptions.backups.value).toBe(exampleClinic.settings.deployment.backup.keepDays);
  });

  it('are the metrics that functions write, each name once', () => {
    const functions = new URL('../../functions/', import.meta.url);
    const handlers = readdirSync(functions, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('handler.ts'))
      .map((file) => readFileSync(new URL(file, functions), 'utf8'));
    const names = handlers.flatMap((text) => {
      const [, list = ''] = /const metricOf = \{(.*?)\}/s.exec(text) ?? [];
      return [...text.matchAll(/addMetric\('(\w+)'/g), ...list.matchAll(/: '(\w+)'/g)].map(([, name]) => name);
    });
    expect(assumptions.metrics.value).toBe(new Set(names).size);
  });
});

describe('the prices', () => {
  it('are above nothing, and say where and when they were read', () => {
    for (const { dollars, source, dated } of Object.values(prices)) {
      expect(dollars).toBeGreaterThan(0);
      expect(source).toMatch(/^[a-z0-9.-]+\.[a-z]+\//);
      expect(dated === 'undated' || dated <= lookedUpOn).toBe(true);
    }
  });
});

describe('the model', () => {
  it('adds up: a sum of usages costs the sum of what they cost', () => {
    const parts = [...monthByService(1000, knobs).values()];
    const sum = parts.reduce((dollars, usage) => dollars + dollarsOf(usage), 0);
    expect(dollarsOf(together(...parts))).toBeCloseTo(sum, 9);
    expect(dollarsOf(times(3, { write: 1_000_000, key: 1 }))).toBeCloseTo(3 * (0.625 + 1), 9);
  });

  it('costs more with more patients, and less for each of them', () => {
    const month = (patients: number) => dollarsOf(together(...monthByService(patients, knobs).values()));
    const [hundred, thousand, tenThousand] = [month(100), month(1000), month(10_000)];
    expect(thousand).toBeGreaterThan(hundred);
    expect(tenThousand).toBeGreaterThan(thousand);
    expect(thousand / 1000).toBeLessThan(hundred / 100);
    expect(tenThousand / 10_000).toBeLessThan(thousand / 1000);
  });

  it.each([1000, 100_000, 10_000_000])(
    'of %i known patients: an index costs less than a full scan, and that less than one which accounts for everyone',
    (known) => {
      const cost = Object.values(scans).map((usageOf) => dollarsOf(usageOf(known, knobs)));
      const [built = 0, , reading = 0, full = 0] = cost;
      expect(built).toBeLessThan(reading);
      expect(reading).toBeLessThan(full);
    },
  );

  it('what an index saves is the share that is not due', () => {
    const [built = 0, , , full = 0] = Object.values(scans).map((usageOf) => dollarsOf(usageOf(10_000_000, knobs)));
    expect(built / full).toBeCloseTo(knobs.active * knobs.due, 2);
  });

  it('nobody inactive and everybody due: the index saves nothing', () => {
    const all = { ...knobs, active: 1, due: 1 };
    const [built = 0, , , full = 0] = Object.values(scans).map((usageOf) => dollarsOf(usageOf(100_000, all)));
    expect(built / full).toBeCloseTo(1, 2);
  });

  it('every assumption says where it comes from', () => {
    for (const { value, from } of Object.values(assumptions)) {
      expect(value).toBeGreaterThan(0);
      expect(from.length).toBeGreaterThan(5);
    }
    expect(dollarsOf(together(...alwaysOn(knobs).values()))).toBeGreaterThan(50);
  });
});
