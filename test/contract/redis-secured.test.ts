import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type SecuredRedis, startSecuredRedis } from '../support/redis-secured.ts';

/** What a process of its own does: trust in a certificate comes from the environment at its start. */
const HAND_ON = `
  const { openBackend } = await import('./src/jobs/backend.ts');
  const { pingRedis } = await import('./src/jobs/on-redis.ts');
  const url = process.env.REDIS_URL;
  await pingRedis(url, 3000);
  const backend = openBackend({ kind: 'redis', url }, () => {});
  await backend.ready();
  await new Promise((resolve) => {
    backend.work(async (name) => resolve(name), 1);
    backend.add('fold', 0);
  });
  console.log('handed on');
  process.exit();
`;

function handOn(redis: SecuredRedis, environment: NodeJS.ProcessEnv): Promise<string> {
  const { PATH } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '-e', HAND_ON], {
    env: { PATH, REDIS_URL: redis.url, ...environment },
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => child.once('exit', () => resolve(said)));
}

describe.skipIf(inject('redisServer') === null).each([
  ['one server', false],
  ['a cluster', true],
])('rediss:// with a certificate of our own and a user of the ACL, on %s', (_name, cluster) => {
  let redis: SecuredRedis;
  beforeAll(async () => {
    redis = await startSecuredRedis(cluster);
  });
  afterAll(() => redis.stop());

  it('wake-ups are handed on once NODE_EXTRA_CA_CERTS names the certificate', async () => {
    expect(await handOn(redis, { NODE_EXTRA_CA_CERTS: redis.ca })).toBe('handed on\n');
  });

  it('a certificate that nobody vouches for is not accepted', async () => {
    expect(await handOn(redis, {})).not.toContain('handed on');
  });
});
