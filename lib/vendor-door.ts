import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import type { ClinicApi, Throttle } from './http-api.ts';
import { onlyTheVendor } from './vendor-client.ts';
import { WorkflowFunction } from './workflow-function.ts';

export interface VendorDoorProps {
  /** Stage, log retention and the clinic's choices. */
  readonly deployment: Deployment;
  /** Keys, and who the vendor is. */
  readonly data: DataStack;
  /** Where accepted events go, and refused ones too. */
  readonly bus: EventBus;
  readonly api: ClinicApi;
}

/** API Gateway waits for 30 seconds and then answers 503 itself. */
const timeout = Duration.seconds(25);

/** 2,000 events a second at 100 a request; beyond it API Gateway answers 429. A default, not evidence: no clinic has as many in an hour. */
const throttle: Throttle = { rate: 20, burst: 40 };

/**
 * The other way onto the bus, for a vendor outside of AWS:
 *
 *     POST /events -> the vendor's token? -> vendor-door: reads, answers -> bus -> as in event-door.ts
 *
 * It may put events on the bus and do nothing else. What it refuses it puts there too: the intake refuses it again, reads it for
 * safety and sets it aside, so that there is one place that does.
 */
export class VendorDoor extends Construct {
  readonly workflow: WorkflowFunction;

  constructor(scope: Construct, id: string, { deployment, data, bus, api }: VendorDoorProps) {
    super(scope, id);
    this.workflow = new WorkflowFunction(this, 'Workflow', {
      name: 'vendor-door',
      description:
        'Takes events that the programme sends over HTTPS, and says what is wrong with those it does not take',
      deployment,
      logKey: data.keys.operations,
      timeout,
      readsClinic: true,
      environment: { BUS_NAME: bus.eventBusName },
      mayDo: [new PolicyStatement({ sid: 'Bus', actions: ['events:PutEvents'], resources: [bus.eventBusArn] })],
    });
    api.route({
      method: HttpMethod.POST,
      path: '/events',
      answers: this.workflow.function,
      mayAsk: onlyTheVendor(data.vendor),
      throttle,
    });
  }
}
