import type { Role } from '../../compose.ts';
import { type Config, describeConfig } from '../../config.ts';
import { createLogger } from '../../shared/log.ts';
import { ConfigurationError, EXIT, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { startService, untilStopped } from '../service.ts';

const ROLES = ['receive', 'work', 'schedule', 'all'];

export const start: Verb = {
  name: 'start',
  usage: '[--role receive|work|schedule|all]',
  summary:
    'The service: receivers, workers and schedules, in one process or by role. Configured by the environment.',
  options: { role: { type: 'string' } },
  help: { role: 'which part to run here (all)' },
  run: async ({ options }) => {
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
    const mappings = mappingsOrThrow(config);
    const logger = createLogger(config.LOG_LEVEL);
    logger.info(describeConfig(config), 'settings');
    const service = await startService({ config, mappings, logger, role: role as Role });
    for (const note of [...service.notes, ...receivers(config)]) {
      logger.info(note);
    }
    logger.info(
      { url: service.url, role, model: mappings.champion.model, version: mappings.champion.version },
      'ready',
    );
    const signal = await untilStopped();
    logger.info({ signal }, 'stopping: finishing what is under way');
    await service.stop();
    logger.info('stopped');
    return EXIT.done;
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
