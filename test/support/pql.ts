import { execFile } from 'node:child_process';
import { bareEnvironment } from './environment.ts';

/** How the command ended, and what it printed. */
export interface Ended {
  /** null: a signal ended it. */
  code: number | null;
  out: string;
  err: string;
}

/** Runs the command as a process of its own, which sees no more of this one's environment than its programs and home. */
export function runPql(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const env = { ...bareEnvironment(), ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli/pql.ts', ...args], { env }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, out, err });
    });
  });
}
