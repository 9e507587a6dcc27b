import type { AlertName } from './alert-index.ts';

/** The workflow that leads one alert from person to person. */
export interface AlertWorkflow {
  /** At most once for each alert, however often it is asked for, and whatever became of it. */
  start(name: AlertName): Promise<void>;
  /** Has it look at its alert now. Of no effect where it waits no longer. */
  wake(token: string): Promise<void>;
}
