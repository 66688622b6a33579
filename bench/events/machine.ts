import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures were measured on, and how busy it was: another load than ours makes them worth less. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[1]?.toFixed(1);
  return `${availableParallelism()} cores of ${model}, ${memory} GB, Linux ${release()}, Node ${process.version}; load of the last 5 minutes ${load}`;
}
