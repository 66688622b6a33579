import { execFile } from 'node:child_process';

/** How the command ended, and what it printed. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs the command as a process of its own, which sees no more of this one's environment than its programs and home. */
export function runPql(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli/pql.ts', ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}
