/** A progress bar on standard error: one moving line on a terminal, one line a step elsewhere. */
export function progress(total: number): { step(done: number, words: string): void; end(): void } {
  const { stderr } = process;
  const width = 24;
  return {
    step: (done, words) => {
      const filled = Math.round((done / total) * width);
      const bar = `[${'='.repeat(filled)}${' '.repeat(width - filled)}] ${done}/${total} ${words}`;
      stderr.write(stderr.isTTY ? `\r\u001b[2K${bar}` : `${bar}\n`);
    },
    end: () => {
      if (stderr.isTTY) {
        stderr.write('\n');
      }
    },
  };
}
