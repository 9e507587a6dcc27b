#!/usr/bin/env node
/** The CDK app: the stacks of the clinic whose folder the context names (`-c clinic=DIR`), or a refusal with every fault in it. */
import { App } from 'aws-cdk-lib';
import { deploymentOf } from '../lib/deployment.ts';
import { addTandem } from '../lib/tandem.ts';
import { formatFault, loadClinic } from './clinic-folder.ts';

const app = new App();
const read = loadClinic(String(app.node.tryGetContext('clinic') ?? 'clinic'));

if ('faults' in read) {
  for (const fault of read.faults) console.error(formatFault(fault));
  process.exit(1);
}

// `-c stage=local` is the emulator's stage; every other stage has its own clinic.yaml.
const stage = app.node.tryGetContext('stage');
addTandem(app, deploymentOf(read.clinic, typeof stage === 'string' ? stage : undefined));
