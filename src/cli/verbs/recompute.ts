import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { withWorker } from '../with-worker.ts';

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
    const accounts = await withWorker((service) =>
      service.recompute(options.all === true, options.act === true, byOf(options)),
    );
    if (json) {
      printJson({ accounts });
    } else {
      print(`${accounts} account${accounts === 1 ? '' : 's'} scored again`);
    }
    return EXIT.done;
  },
};
