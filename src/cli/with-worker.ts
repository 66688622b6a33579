import type { Service } from '../compose.ts';
import { fingerprint } from '../wiring/reload.ts';
import { configOrThrow, mappingsOrThrow, verbLogger } from './context.ts';
import { asConfiguration, interrupted, startService, untilStopped } from './service.ts';

/** Runs `work` and all that follows from it in workers of this process, beside the running service. */
export async function withWorker<T>(work: (service: Service) => Promise<T>): Promise<T> {
  const config = configOrThrow();
  const loadedFrom = fingerprint(config.MAPPINGS_DIR);
  const mappings = mappingsOrThrow(config);
  const logger = verbLogger(config);
  const stopped = untilStopped();
  const follow = { every: null, loadedFrom };
  const service = await startService({ config, mappings, logger, role: 'work', follow });
  const toTheEnd = async () => {
    const done = await work(service);
    await service.drain();
    return done;
  };
  try {
    return await Promise.race([toTheEnd(), stopped.then(interrupted), service.failed.then(refused)]);
  } finally {
    await service.stop();
  }
}

function refused(error: Error): never {
  throw asConfiguration(error);
}
