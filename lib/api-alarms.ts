import type { Construct } from 'constructs';
import { Alarms, type AlarmsProps, often } from './alarms.ts';
import type { AlertApi, SignInCheck } from './alert-api.ts';
import type { ClinicApi } from './http-api.ts';

export interface ApiAlarmsProps extends AlarmsProps {
  readonly api: ClinicApi;
  readonly signInCheck: SignInCheck;
  readonly alertApi: AlertApi;
}

/** Requests that were refused or made no sense, in five minutes. A default, not evidence: above what a clinic's own mistakes add up to. */
const manyRefused = 100;

/** What needs a person about the HTTPS API. */
export class ApiAlarms extends Alarms {
  constructor(scope: Construct, id: string, { api, signInCheck, alertApi, ...props }: ApiAlarmsProps) {
    super(scope, id, props);
    this.add('api-failing', {
      metric: api.stage.metricServerError({ period: often, statistic: 'Sum' }),
      meaning: 'A request over HTTPS failed here. Somebody could not see or answer an alert.',
      remedy: 'See api-alerts-errors and api-sign-in-errors; meanwhile alerts can be answered with npx tandem alerts.',
    });
    this.add('api-refusing', {
      metric: api.stage.metricClientError({ period: often, statistic: 'Sum' }),
      from: manyRefused,
      meaning: 'Many requests over HTTPS were refused. Somebody may be guessing, or a client is set up wrongly.',
      remedy: 'See by route and status in the access log of the API, and by source in the audit, who it is.',
    });
    this.add('api-sign-in-errors', {
      metric: signInCheck.workflow.function.metricErrors({ period: often }),
      meaning: 'It could not be found out who is asking, so a request was refused. The sign-in may not be reachable.',
      remedy: 'Open the issuer’s /.well-known/openid-configuration, then find the error in the log of api-authorizer.',
    });
    this.add('api-alerts-errors', {
      metric: alertApi.workflow.function.metricErrors({ period: often }),
      meaning: 'The function behind the care team’s page failed. Somebody could not see or answer an alert.',
      remedy: 'Find the error in the log of alert-api; meanwhile alerts can be answered with npx tandem alerts.',
    });
  }
}
