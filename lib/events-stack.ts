import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Canary } from './canary.ts';
import type { DataStack } from './data-stack.ts';
import { type Deployment, stageName } from './deployment.ts';
import { EventAlarms } from './event-alarms.ts';
import { EventDoor } from './event-door.ts';
import { EventIntake, visibilityTimeout } from './event-intake.ts';
import { OperationsTopic } from './operations-topic.ts';

export interface EventsStackProps extends StackProps {
  /** The stage this stack belongs to. */
  readonly deployment: Deployment;
  /** Tables and keys, which outlive this stack. */
  readonly data: DataStack;
}

/** How events come in: bus, queue, functions, and the alarms over them. It holds nothing that cannot be deployed anew. */
export class EventsStack extends Stack {
  /** Who hears of what goes wrong, in any of the stacks. */
  readonly topic: Topic;
  /** Where events go in, by whatever way they come. */
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { deployment, data, ...props }: EventsStackProps) {
    super(scope, id, props);
    // CloudFormation then refuses to remove a table or key from the data stack while this one uses it.
    this.node.setContext('@aws-cdk/core:defaultCrossStackReferences', 'strong');

    const schedules = new CfnScheduleGroup(this, 'Schedules', { name: stageName(deployment) });
    const { topic } = new OperationsTopic(this, 'Operations', { deployment, key: data.keys.operations });
    this.topic = topic;
    const door = new EventDoor(this, 'Door', { deployment, key: data.keys.messages, visibilityTimeout });
    this.bus = door.bus;
    const intake = new EventIntake(this, 'Intake', { deployment, data, events: door.events, topic });
    const canary = new Canary(this, 'Canary', { deployment, data, bus: door.bus, schedules });
    new EventAlarms(this, 'Alarms', { deployment, topic, door, intake, canary });

    const outputs = {
      BusName: door.bus.eventBusName,
      EventsQueueUrl: door.events.queueUrl,
      EventsDeadLetterQueueUrl: door.deadLetters.queueUrl,
      EventIntakeFunction: intake.workflow.function.functionName,
      CanaryFunction: canary.workflow.function.functionName,
      OperationsTopicArn: topic.topicArn,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new CfnOutput(this, `${name}Output`, { value }).overrideLogicalId(name);
    }
  }
}
