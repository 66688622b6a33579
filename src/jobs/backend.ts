import { postgresBackend } from './on-postgres.ts';
import { redisBackend } from './on-redis.ts';
import type { JobBackend } from './wakeups.ts';

export type { JobBackend };

/** Where BullMQ keeps its jobs. */
export type BackendConfig =
  | { kind: 'redis'; url: string; prefix?: string }
  | { kind: 'postgres'; url: string; schema?: string };

export function openBackend(config: BackendConfig, onError: (error: Error) => void): JobBackend {
  return config.kind === 'redis' ? redisBackend(config, onError) : postgresBackend(config, onError);
}
