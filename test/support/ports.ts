import { freePort as anyPort } from '../../src/store/embedded/free-port.ts';

/**
 * A port of 127.0.0.1 that nobody listens on now.
 *
 * @param below for a node of a Redis cluster, which listens 10,000 above its port too
 */
export async function freePort(below = 65_536): Promise<number> {
  for (;;) {
    const port = await anyPort();
    if (port < below) {
      return port;
    }
  }
}
