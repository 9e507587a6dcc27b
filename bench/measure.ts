/**
 * How often `work` is done in a second of a core: the median of five stretches of at least `milliseconds`, after a warm-up. It is
 * the thread's own CPU time that counts, so that other work on the machine does not.
 */
export async function perSecond(work: () => number | Promise<number>, milliseconds = 400): Promise<number> {
  await stretch(work, milliseconds);
  const rates: number[] = [];
  for (let run = 0; run < 5; run += 1) rates.push(await stretch(work, milliseconds));
  return rates.toSorted((a, b) => a - b)[2] ?? 0;
}

async function stretch(work: () => number | Promise<number>, milliseconds: number): Promise<number> {
  const start = cpuMilliseconds();
  let done = 0;
  while (cpuMilliseconds() - start < milliseconds) done += await work();
  return (done * 1000) / (cpuMilliseconds() - start);
}

function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
