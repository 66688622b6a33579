import { compose, type Role, type Service } from '../compose.ts';
import type { Config } from '../config.ts';
import type { Mappings } from '../mappings.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import type { Waits } from '../store/fold/accounts.ts';
import { WrongMapping } from '../wiring/connections.ts';
import { ConfigurationError } from './command.ts';

export interface ServiceOptions {
  config: Config;
  mappings: Mappings;
  logger: Logger;
  role: Role;
  clock?: Clock;
  waits?: Waits;
}

/** Starts the service; a mapping that a CRM's schema contradicts is a configuration error. */
export async function startService(options: ServiceOptions): Promise<Service> {
  try {
    return await compose({ clock: systemClock, ...options });
  } catch (error) {
    if (error instanceof WrongMapping) {
      throw new ConfigurationError(
        `The mapping does not fit the CRM:\n  ${error.message.replaceAll('\n', '\n  ')}`,
      );
    }
    throw error;
  }
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      resolve(signal);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}
