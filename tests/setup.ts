import 'aws-sdk-client-mock-vitest/extend';

process.env['AWS_REGION'] ??= 'eu-north-1';
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
