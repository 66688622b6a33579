import { createLogger } from '../../shared/log.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { startService } from '../service.ts';

export const recompute: Verb = {
  name: 'recompute',
  usage: '[--due | --all]',
  summary: 'Scores again what has expired (--due, the default) or every account (--all), here and now.',
  options: { due: { type: 'boolean' }, all: { type: 'boolean' } },
  help: { due: 'accounts whose score stopped holding', all: 'every account' },
  run: async ({ options, json }) => {
    if (options.due === true && options.all === true) {
      throw new UsageError('--due or --all, not both');
    }
    const config = configOrThrow();
    const mappings = mappingsOrThrow(config);
    const logger = createLogger(config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL);
    const service = await startService({ config, mappings, logger, role: 'work' });
    try {
      const accounts = await service.recompute(options.all === true);
      await service.drain();
      if (json) {
        printJson({ accounts });
      } else {
        print(`${accounts} account${accounts === 1 ? '' : 's'} scored again`);
      }
      return EXIT.done;
    } finally {
      await service.stop();
    }
  },
};
