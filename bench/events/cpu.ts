import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Linux counts processor time in hundredths of a second. */
const TICKS = 100;

/** Processor seconds that a process and its children have used; 0 where there is no /proc. */
export function cpuOf(pid: number): number {
  const own = stat(pid);
  return own === null
    ? 0
    : own.seconds + childrenOf(pid).reduce((sum, child) => sum + (stat(child)?.seconds ?? 0), 0);
}

/** The postmaster of the embedded server on a data folder. */
export function postmasterOf(dataDir: string): number {
  try {
    return Number.parseInt(readFileSync(join(clusterOf(dataDir), 'postmaster.pid'), 'utf8'), 10);
  } catch {
    return 0;
  }
}

function clusterOf(dataDir: string): string {
  const found = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith('postmaster.pid'),
  );
  return join(dataDir, found === undefined ? '' : found.slice(0, -'/postmaster.pid'.length));
}

function stat(pid: number): { parent: number; seconds: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
    return { parent: Number(fields[1]), seconds: ticks / TICKS };
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((other) => Number.isInteger(other) && other > 0 && stat(other)?.parent === pid);
}
