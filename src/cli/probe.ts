import { readFileSync } from 'node:fs';
import { argv, env, exit } from 'node:process';

/**
 * The health check of a container, for every role: ends with 0 when the service answers on /healthz, or when its role serves
 * nothing there. Which role that is stands in the command line of process 1 (also behind an init that was put before it).
 *
 *     node src/cli/probe.ts [FILE that holds that command line]
 *
 * Limit: of a worker or scheduler it only tells that the container runs. They end by themselves when they cannot work.
 */
const WITHOUT_PORT = /(^|\0)--role[\0=](work|schedule)(\0|$)/;

function servesNothing(file: string): boolean {
  try {
    return WITHOUT_PORT.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${env.PORT ?? '8080'}/healthz`)).ok;
  } catch {
    return false;
  }
}

exit(servesNothing(argv[2] ?? '/proc/1/cmdline') || (await answers()) ? 0 : 1);
