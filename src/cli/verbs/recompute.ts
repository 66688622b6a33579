import { fingerprint } from '../../wiring/reload.ts';
import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow, verbLogger } from '../context.ts';
import { asConfiguration, interrupted, startService, untilStopped } from '../service.ts';

export const recompute: Verb = {
  name: 'recompute',
  usage: '[--due | --all [--act]]',
  summary: 'Scores again what has expired (--due, the default) or every account (--all), here and now.',
  options: { due: { type: 'boolean' }, all: { type: 'boolean' }, act: { type: 'boolean' }, ...BY_OPTIONS },
  help: {
    due: 'accounts whose score stopped holding',
    all: 'every account',
    act: 'with --all: tasks and memberships also for what a new model or a backfill made',
    ...BY_HELP,
  },
  run: async ({ options, json }) => {
    if (options.due === true && options.all === true) {
      throw new UsageError('--due or --all, not both');
    }
    if (options.act === true && options.all !== true) {
      throw new UsageError('--act goes with --all: what is due acts anyway');
    }
    const config = configOrThrow();
    const loadedFrom = fingerprint(config.MAPPINGS_DIR);
    const mappings = mappingsOrThrow(config);
    const logger = verbLogger(config);
    const stopped = untilStopped();
    const service = await startService({
      config,
      mappings,
      logger,
      role: 'work',
      follow: { every: null, loadedFrom },
    });
    try {
      const work = async () => {
        const woken = await service.recompute(options.all === true, options.act === true, byOf(options));
        await service.drain();
        return woken;
      };
      const accounts = await Promise.race([work(), stopped.then(interrupted), service.failed.then(refused)]);
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

function refused(error: Error): never {
  throw asConfiguration(error);
}
