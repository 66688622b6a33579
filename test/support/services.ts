import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removePlaces } from '../../src/store/embedded/places.ts';
import { startEmbedded } from '../../src/store/embedded/server.ts';
import { makeTemplate } from './template.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    /** null: no redis-server on this machine; what needs it is skipped (and fails with CI=true). */
    redisServer: string | null;
  }
}

/** One PostgreSQL for all test files of a run; each file makes databases of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pql-test-'));
  // As root, PostgreSQL runs as another user, who must be able to pass through.
  chmodSync(dataDir, 0o711);
  const server = await startEmbedded({ dataDir, settings: ['fsync=off', 'full_page_writes=off'] });
  await makeTemplate(server.url);
  project.provide('postgresUrl', server.url);
  project.provide('redisServer', findRedis());
  return async () => {
    await server.stop();
    removePlaces(dataDir);
  };
}

function findRedis(): string | null {
  const found = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
  if (found) {
    return 'redis-server';
  }
  if (process.env.CI === 'true') {
    throw new Error('redis-server is missing: apt-get install redis-server');
  }
  console.warn('\n*** SKIPPED: tests that need Redis. Install the package redis-server to run them. ***\n');
  return null;
}
