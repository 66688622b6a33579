import { compose, type Role, type Service } from '../compose.ts';
import type { Config } from '../config.ts';
import type { Mappings } from '../mappings.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { keepHeapSmall } from '../shared/heap.ts';
import type { Logger } from '../shared/log.ts';
import type { Waits } from '../store/fold/accounts.ts';
import { WrongMapping } from '../wiring/connections.ts';
import { ConfigurationError, complain, EXIT } from './command.ts';

export interface ServiceOptions {
  config: Config;
  mappings: Mappings;
  logger: Logger;
  role: Role;
  clock?: Clock;
  waits?: Waits;
  /** See ComposeOptions. */
  slackEvery?: number;
  /** See ComposeOptions. */
  follow?: { every: number | null; loadedFrom: string };
}

/** Starts the service; a mapping that a CRM's schema contradicts is a configuration error. */
export async function startService(options: ServiceOptions): Promise<Service> {
  if (options.role !== 'receive') {
    keepHeapSmall();
  }
  try {
    return await compose({ clock: systemClock, ...options });
  } catch (error) {
    throw asConfiguration(error as Error);
  }
}

/** A wrong mapping in the words of the command; any other error as it is. */
export function asConfiguration(error: Error): Error {
  return error instanceof WrongMapping
    ? new ConfigurationError(`The mapping does not fit the CRM:\n  ${error.message.replaceAll('\n', '\n  ')}`)
    : error;
}

/**
 * SIGHUP makes the service take its configuration folder as it is. To be called before anything is opened: without a
 * listener it would end the process. One that comes before the service is up is answered once it is given.
 */
export function reloadAtHangup(): (service: Service) => void {
  let up: Service | null = null;
  let isAsked = false;
  const reload = () => void up?.reload().catch(() => {});
  process.on('SIGHUP', () => {
    isAsked = true;
    reload();
  });
  return (service) => {
    up = service;
    if (isAsked) {
      reload();
    }
  };
}

/** How long (ms) stopping may take in all; then the process ends, and others, or the next start, find what was under way. */
const STOP_PATIENCE = 20_000;

/**
 * Resolves at the first SIGINT or SIGTERM. A second one ends the process at once. To be called before anything is
 * opened: a signal that nobody listens to would leave the embedded PostgreSQL running.
 *
 * Exit codes: 130 and 143 after a second signal, 1 when stopping took longer than its time.
 *
 * @param more milliseconds that stopping may take longer than usual
 */
export function untilStopped(more = 0): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      setTimeout(() => {
        complain('did not stop in time; what was under way is found by others, or at the next start');
        process.exit(EXIT.failed);
      }, STOP_PATIENCE + more).unref();
      resolve(signal);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

/** What a verb's own work is raced against, so that its cleaning up runs. */
export function interrupted(signal: NodeJS.Signals): never {
  throw new Error(`stopped by ${signal}`);
}
