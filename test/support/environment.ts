import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * For a process that a test starts: it sees no more of this one's environment than its programs and home. Compiled code is kept,
 * so that only the first of many reads and compiles hundreds of TypeScript files.
 */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE: join(tmpdir(), 'pql-test-compiled') };
}
