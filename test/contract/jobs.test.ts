import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type BackendConfig, type JobBackend, openBackend } from '../../src/jobs/backend.ts';
import type { Stage, StageName } from '../../src/jobs/stages.ts';
import { queueWake } from '../../src/jobs/wake.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { freePort } from '../support/ports.ts';

interface Ground {
  config(): BackendConfig;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** One suite, two backends: the same worker code must not notice which one it runs on. */
const grounds: [string, Ground, boolean][] = [
  ['PostgreSQL', postgresGround(), false],
  ['Redis', redisGround(), inject('redisServer') === null],
];

describe.each(grounds)('wake-ups on %s', (_name, ground, absent) => {
  describe.skipIf(absent)('backend', () => {
    beforeAll(() => ground.start());
    afterAll(() => ground.stop());

    it('hands a wake-up to a worker', async () => {
      const { backend, seen, done } = await working(ground);
      await backend.add('fold', 0);
      await until(() => seen.includes('fold'));
      await done();
    });

    it('holds a delayed wake-up back until its time', async () => {
      const { backend, seen, done } = await working(ground);
      const start = Date.now();
      await backend.add('assess', 300);
      await until(() => seen.includes('assess'));
      expect(Date.now() - start).toBeGreaterThanOrEqual(290);
      await done();
    });

    it('hands out again what a worker failed at the next wake-up, and forgets the failed job', async () => {
      const backend = await open(ground);
      let calls = 0;
      const worker = backend.work(async () => {
        calls += 1;
        throw new Error('a NUL \0 in a message must not wedge the queue');
      }, 1);
      await backend.add('fold', 0);
      await until(() => calls === 1);
      await until(async () => (await backend.pending()) === 0);
      await backend.add('fold', 0);
      await until(() => calls === 2);
      await worker.close();
      await backend.close();
    });

    it('repeats a registered schedule, and registering it again does not double it', async () => {
      const { backend, seen, done } = await working(ground);
      await backend.repeat('due', { every: 200 });
      await backend.repeat('due', { every: 200 });
      await until(() => seen.length >= 3);
      expect(seen.length).toBeLessThan(6);
      await done();
    });

    it('turns a flood of wake-ups into few jobs, and the work asked for last is still done', async () => {
      const backend = await open(ground);
      const wake = queueWake(backend, silentLogger(), () => Date.now());
      const drained: number[] = [];
      let work = 0;
      const stage: Stage = { name: 'fold', drain: async () => void drained.push(work) as unknown as null };
      const worker = startWorker({
        backend,
        stages: [nullStage(stage)],
        wake,
        logger: silentLogger(),
        schedule: false,
      });
      for (let i = 0; i < 500; i++) {
        work = i;
        wake('fold');
      }
      work = 500;
      wake('fold', 30);
      await until(() => drained.at(-1) === 500);
      expect(drained.length).toBeLessThan(20);
      await worker.close();
      await backend.close();
    });

    it('a process that lacks stages takes no wake-ups away from those that have them', async () => {
      const config = ground.config();
      const backend = openBackend(config, () => {});
      const other = openBackend(config, () => {});
      const wake = queueWake(backend, silentLogger(), () => Date.now());
      const due: Stage = { name: 'due', drain: async () => null };
      const shared = { wake, logger: silentLogger(), schedule: false };
      const scheduling = startWorker({ ...shared, backend, stages: [due], consume: false });
      await backend.add('fold', 0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await backend.pending()).toBe(1);
      const drains: string[] = [];
      const fold: Stage = { name: 'fold', drain: async () => void drains.push('fold') as unknown as null };
      const working = startWorker({ ...shared, backend: other, stages: [nullStage(fold)] });
      await until(async () => (await backend.pending()) === 0);
      expect(drains).toContain('fold');
      await scheduling.close();
      await working.close();
      await backend.close();
      await other.close();
    });

    it('I7: a queue that hangs hands its wake-ups to the worker of the process, and gets no more until it answers', async () => {
      let asked = 0;
      const hangs = {
        add: () => {
          asked += 1;
          return new Promise<void>(() => {});
        },
      };
      const fallen: StageName[] = [];
      const wake = queueWake(
        hangs,
        silentLogger(),
        () => Date.now(),
        (stage) => fallen.push(stage),
      );
      wake('fold');
      await until(() => fallen.length === 1);
      wake('fold');
      await until(() => fallen.length === 2);
      expect(asked).toBe(1);
    });

    it('a stage that takes long holds up no other, however often it is woken meanwhile', async () => {
      const backend = await open(ground);
      const slow = Promise.withResolvers<null>();
      const seen: StageName[] = [];
      const worker = startWorker({
        backend,
        stages: [
          { name: 'deliver', drain: () => slow.promise },
          {
            name: 'fold',
            drain: async () => {
              seen.push('fold');
              return null;
            },
          },
        ],
        wake: () => {},
        logger: silentLogger(),
        schedule: false,
        sweepEvery: 60_000,
      });
      await until(() => seen.length === 1);
      for (let i = 0; i < 10; i++) {
        await backend.add('deliver', 0);
      }
      await backend.add('fold', 0);
      await until(() => seen.length === 2);
      slow.resolve(null);
      await worker.close();
      await backend.close();
    });

    it('I7: with every job lost, the sweep alone drains', async () => {
      const backend = await open(ground);
      const drains: StageName[] = [];
      const stage: Stage = {
        name: 'deliver',
        drain: async () => {
          drains.push('deliver');
          return null;
        },
      };
      const deaf = { ...backend, add: async () => Promise.reject(new Error('down')) };
      const wake = queueWake(deaf, silentLogger(), () => Date.now());
      const worker = startWorker({
        backend: deaf,
        stages: [stage],
        wake,
        logger: silentLogger(),
        schedule: false,
        sweepEvery: 50,
      });
      await until(() => drains.length >= 3);
      await worker.close();
      await backend.close();
    });
  });
});

function nullStage(stage: Stage): Stage {
  return {
    ...stage,
    drain: async () => {
      await stage.drain();
      return null;
    },
  };
}

async function open(ground: Ground): Promise<JobBackend> {
  const backend = openBackend(ground.config(), () => {});
  await backend.ready();
  return backend;
}

async function working(ground: Ground) {
  const backend = await open(ground);
  const seen: string[] = [];
  const worker = backend.work(async (name) => {
    seen.push(name);
  }, 2);
  return {
    backend,
    seen,
    done: async () => {
      await worker.close();
      await backend.close();
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error('waited 15 s in vain');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function postgresGround(): Ground {
  return {
    config: () => ({
      kind: 'postgres',
      url: inject('postgresUrl'),
      schema: `q_${randomBytes(6).toString('hex')}`,
    }),
    start: async () => {},
    stop: async () => {},
  };
}

function redisGround(): Ground {
  let server: ChildProcess | undefined;
  let port = 0;
  const dir = mkdtempSync(join(tmpdir(), 'pql-redis-'));
  return {
    config: () => ({
      kind: 'redis',
      url: `redis://127.0.0.1:${port}`,
      prefix: `{${randomBytes(6).toString('hex')}}`,
    }),
    start: async () => {
      port = await freePort();
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
      server = spawn('redis-server', args, { stdio: 'ignore' });
      await until(() => answers(port));
    },
    stop: async () => {
      server?.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
