import { drainSeconds, type Role } from '../../compose.ts';
import { type Config, describeConfig } from '../../config.ts';
import { createLogger } from '../../shared/log.ts';
import { SECOND } from '../../shared/time.ts';
import { fingerprint } from '../../wiring/reload.ts';
import { ConfigurationError, EXIT, printJson, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { asConfiguration, reloadAtHangup, startService, untilStopped } from '../service.ts';

/** How often (ms) the configuration folder is looked at. A change is taken when two looks in a row found the same. */
const LOOK_EVERY = 2000;

const ROLES = ['receive', 'work', 'schedule', 'all'];

export const start: Verb = {
  name: 'start',
  usage: '[--role receive|work|schedule|all]',
  summary:
    'The service: receivers, workers and schedules, in one process or by role. Configured by the environment.',
  options: { role: { type: 'string' } },
  help: { role: 'which part to run here (all)' },
  run: async ({ options, json }) => {
    const role = String(options.role ?? 'all');
    if (!ROLES.includes(role)) {
      throw new UsageError(`--role: found ${role}; allowed: ${ROLES.join(', ')}`);
    }
    const config = configOrThrow();
    if (role !== 'all' && config.DATABASE_URL === undefined) {
      throw new ConfigurationError(
        '--role needs DATABASE_URL: the embedded PostgreSQL belongs to one process',
      );
    }
    const loadedFrom = fingerprint(config.MAPPINGS_DIR);
    const mappings = mappingsOrThrow(config);
    const logger = createLogger(config.LOG_LEVEL);
    logger.info(describeConfig(config), 'settings');
    const answerHangups = reloadAtHangup();
    const stopped = untilStopped(SECOND * drainSeconds(config, role as Role));
    const follow = { every: LOOK_EVERY, loadedFrom };
    const service = await startService({ config, mappings, logger, role: role as Role, follow });
    answerHangups(service);
    const off = role === 'all' || role === 'receive' ? receivers(config) : [];
    for (const note of [...service.notes, ...off]) {
      logger.info(note);
    }
    const ready = {
      url: service.url,
      role,
      model: mappings.champion.model,
      version: mappings.champion.version,
    };
    logger.info(ready, 'ready');
    if (json) {
      printJson(ready);
    }
    const end = await Promise.race([stopped, service.failed]);
    logger.info(
      typeof end === 'string' ? { signal: end } : { reason: end.message },
      'stopping: finishing what is under way',
    );
    const left = await service.stop();
    logger.info({ left }, 'stopped');
    if (typeof end !== 'string') {
      throw asConfiguration(end);
    }
    return left.length === 0 ? EXIT.done : EXIT.failed;
  },
};

/** A receiver without its secret is off, and says so. */
function receivers(config: Config): string[] {
  const state = (name: string, on: boolean, needs: string) => `${name}: ${on ? 'on' : `off, needs ${needs}`}`;
  return [
    state(
      '/webhooks/segment',
      (config.SEGMENT_WEBHOOK_SECRET ?? config.SEGMENT_WEBHOOK_TOKEN) !== undefined,
      'SEGMENT_WEBHOOK_SECRET or SEGMENT_WEBHOOK_TOKEN',
    ),
    state('/webhooks/amplitude', config.AMPLITUDE_WEBHOOK_TOKEN !== undefined, 'AMPLITUDE_WEBHOOK_TOKEN'),
    state('/v1 (Segment SDKs)', config.SEGMENT_WRITE_KEYS.length > 0, 'SEGMENT_WRITE_KEYS'),
    state('/2/httpapi, /batch (Amplitude SDKs)', config.AMPLITUDE_API_KEYS.length > 0, 'AMPLITUDE_API_KEYS'),
  ];
}
