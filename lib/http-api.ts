import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  type HttpMethod,
  HttpNoneAuthorizer,
  type HttpRoute,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Deployment, removalOf, stageName } from './deployment.ts';

export interface ClinicApiProps {
  /** Stage and retention of the log. */
  readonly deployment: Deployment;
  /** Encrypts the access log. */
  readonly logKey: IKey;
}

export interface RouteProps {
  readonly method: HttpMethod;
  /** Such as "/api/alerts/{id}". */
  readonly path: string;
  /** What answers. */
  readonly answers: IFunction;
  /** Who may ask. `anybody` is for what is no secret. Default: whoever is signed in. */
  readonly mayAsk?: 'anybody' | IHttpRouteAuthorizer;
  /** Requests a second of this route, all callers together. Default: those of the whole API. */
  readonly throttle?: Throttle;
}

/** Requests a second in the long run, and at once. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/** For pages and answers of a clinic's staff: a few a minute each. Whoever guesses tokens gets no further either. */
const staffThrottle: Throttle = { rate: 50, burst: 100 };

/**
 * What stands in the access log, a line for each request: which route, how it went, and the opaque id of who was signed in. Never
 * a path, a query, a header, a token or a body.
 */
const accessLog = {
  requestId: '$context.requestId',
  at: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  staff: '$context.authorizer.staff',
};

/**
 * The one address of the clinic's Tandem: an HTTP API, over TLS only. Whatever route is added asks for a sign-in unless it says
 * otherwise. There are no CORS headers: the page comes from the same address.
 */
export class ClinicApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** The address, without a slash at its end. */
  readonly url: string;
  readonly #throttles: Record<string, Record<string, number | boolean>> = {};
  #signedIn: IHttpRouteAuthorizer | undefined;

  constructor(scope: Construct, id: string, { deployment, logKey }: ClinicApiProps) {
    super(scope, id);
    const log = new LogGroup(this, 'Log', {
      encryptionKey: logKey,
      retention: deployment.logRetention,
      removalPolicy: removalOf(deployment),
    });
    this.api = new HttpApi(this, 'Api', {
      apiName: stageName(deployment),
      description: 'What the care team and the programme reach over HTTPS',
      createDefaultStage: false,
    });
    this.url = this.api.apiEndpoint;
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: staffThrottle.rate, burstLimit: staffThrottle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(accessLog)),
      },
    });
  }

  /** Names the function that finds out who is asking and refuses whoever is not signed in. Once, before the first route. */
  checkSignInBy(signInCheck: IFunction): void {
    this.#signedIn = new HttpLambdaAuthorizer('SignInCheck', signInCheck, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // Every request is checked: a cached answer would outlive the token.
      resultsCacheTtl: Duration.seconds(0),
      // Always there. With the header as its source, API Gateway would refuse a request without a token by itself, unrecorded.
      identitySource: ['$context.routeKey'],
    });
  }

  /** Adds a route. Its answer comes from one function, which gets the request as it is (payload format 2.0). */
  route({ method, path, answers, mayAsk, throttle }: RouteProps): HttpRoute {
    const authorizer = mayAsk === 'anybody' ? new HttpNoneAuthorizer() : (mayAsk ?? this.#signedIn);
    if (authorizer === undefined) throw new Error('say who checks the sign-in before the first route');
    const [route] = this.api.addRoutes({
      path,
      methods: [method],
      integration: new HttpLambdaIntegration(`${method}${path}`, answers),
      authorizer,
    });
    if (route === undefined) throw new Error('a route has one method');
    if (throttle !== undefined) this.#throttle(route, `${method} ${path}`, throttle);
    return route;
  }

  #throttle(route: HttpRoute, key: string, { rate, burst }: Throttle): void {
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage)) throw new Error('the stage is no CfnStage');
    // The class of the CDK passes these through as they are, so they are spelled as in the template.
    this.#throttles[key] = { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst, DetailedMetricsEnabled: true };
    stage.routeSettings = this.#throttles;
    // API Gateway refuses settings of a route that is not there yet.
    this.stage.node.addDependency(route);
  }
}
