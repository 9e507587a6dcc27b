/** How often `work` was done in a second: the median of five stretches of at least `milliseconds`, after a warm-up. */
export async function perSecond(work: () => number | Promise<number>, milliseconds = 400): Promise<number> {
  await stretch(work, milliseconds);
  const rates: number[] = [];
  for (let run = 0; run < 5; run += 1) rates.push(await stretch(work, milliseconds));
  return rates.toSorted((a, b) => a - b)[2] ?? 0;
}

async function stretch(work: () => number | Promise<number>, milliseconds: number): Promise<number> {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < milliseconds) done += await work();
  return (done * 1000) / (performance.now() - start);
}
