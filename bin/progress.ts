/** Says on standard error what is being done: a line that changes on a terminal, a line each step elsewhere. */
export interface Progress {
  step(text: string): void;
  /** Replaces the last step's line with how far it is. */
  count(text: string): void;
  end(): void;
}

export function progressOn(stream: NodeJS.WriteStream, quiet: boolean): Progress {
  const start = performance.now();
  let current = '';
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`.padStart(5);
  const redraw = (text: string) => stream.write(`\r\u001B[2K${seconds()}  ${text}`);
  return {
    step(text) {
      if (quiet) return;
      if (stream.isTTY) {
        if (current !== '') stream.write('\n');
        redraw(text);
      } else stream.write(`${seconds()}  ${text}\n`);
      current = text;
    },
    count(text) {
      if (!quiet && stream.isTTY) redraw(`${current}: ${text}`);
    },
    end() {
      if (!quiet && stream.isTTY && current !== '') stream.write('\n');
      current = '';
    },
  };
}
