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

/** A worker starts, and half a second later something else is to be done. */
const GO_ON = `
  const { openBackend } = await import('./src/jobs/backend.ts');
  openBackend({ kind: 'redis', url: process.env.REDIS_URL }, () => {}).work(async () => {}, 1);
  setTimeout(() => {
    console.log('goes on');
    process.exit();
  }, 500);
`;

function run(program: string, redis: SecuredRedis, environment: NodeJS.ProcessEnv): Promise<string> {
  const { PATH } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 20_000,
    killSignal: 'SIGKILL',
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
    expect(await run(HAND_ON, redis, { NODE_EXTRA_CA_CERTS: redis.ca })).toBe('handed on\n');
  });

  it('a certificate that nobody vouches for is not accepted', async () => {
    expect(await run(HAND_ON, redis, {})).not.toContain('handed on');
  });

  it('a user who may not ask INFO: no wake-up is handed on, and the process goes on with everything else', async () => {
    redis.forbidInfo();
    const trusting = { NODE_EXTRA_CA_CERTS: redis.ca };
    expect(await run(HAND_ON, redis, trusting)).toContain('NOPERM');
    expect(await run(GO_ON, redis, trusting)).toContain('goes on');
  }, 60_000);
});
