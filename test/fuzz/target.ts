/** The real receivers as a process of their own, so that a crash is seen and memory is theirs alone. */
import { compose } from '../../src/compose.ts';
import { readEnvironment } from '../../src/config.ts';
import { loadMappings } from '../../src/mappings.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createLogger } from '../../src/shared/log.ts';

const config = readEnvironment(process.env);
const mappings = loadMappings('mappings');
if (!config.ok || !mappings.ok) {
  throw new Error('the target cannot start');
}
const service = await compose({
  config: config.value,
  mappings: mappings.value,
  logger: createLogger('error'),
  clock: systemClock,
  role: 'receive',
});
process.on('message', (asked) => {
  if (asked === 'memory') {
    globalThis.gc?.();
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  } else {
    void service.stop().then(() => process.exit(0));
  }
});
process.send?.(service.url);
