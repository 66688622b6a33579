import { createServer } from 'node:net';

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

function anyPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
