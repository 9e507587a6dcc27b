import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';

interface Settings {
  /** In the place of those of the same name, such as the file of another clinic. */
  readonly variables?: Readonly<Record<string, string>>;
  /** In seconds. */
  readonly timeout?: number;
}

/** Runs `work` while a deployed function has other settings; `restore` ends that before `work` does. */
export async function withSettings<T>(
  FunctionName: string,
  { variables, timeout }: Settings,
  work: (restore: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const lambda = new LambdaClient({});
  const { Environment, Timeout } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const set = async (Variables: Record<string, string>, seconds: number | undefined) => {
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables }, Timeout: seconds }),
    );
  };
  const restore = () => set({ ...Environment?.Variables }, Timeout);
  await set({ ...Environment?.Variables, ...variables }, timeout ?? Timeout);
  try {
    return await work(restore);
  } finally {
    await restore();
  }
}
