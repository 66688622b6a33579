import type { Recomputed } from '../../read-model/recompute.ts';
import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
import { complain, EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { withWorker } from '../with-worker.ts';

export const recompute: Verb = {
  name: 'recompute',
  usage: '[--due | --all [--act] | ACCOUNT [--act]]',
  summary: 'Scores again what has expired (--due, the default), every account (--all) or one, here and now.',
  positionals: 1,
  options: { due: { type: 'boolean' }, all: { type: 'boolean' }, act: { type: 'boolean' }, ...BY_OPTIONS },
  help: {
    due: 'accounts whose score stopped holding',
    all: 'every account',
    act: 'with --all or an account: tasks and memberships also for what a new model, a merge or a backfill made',
    ...BY_HELP,
  },
  run: async ({ options, positionals: [account], json }) => {
    if ([options.due === true, options.all === true, account !== undefined].filter(Boolean).length > 1) {
      throw new UsageError('--due, --all or an account: one of them');
    }
    const what: Recomputed = account !== undefined ? { account } : options.all === true ? 'all' : 'due';
    if (options.act === true && what === 'due') {
      throw new UsageError('--act goes with --all or an account: what is due acts anyway');
    }
    const accounts = await withWorker((service) =>
      service.recompute(what, options.act === true, byOf(options)),
    );
    if (account !== undefined && accounts === 0) {
      complain(`no account ${account}`);
      return EXIT.failed;
    }
    if (json) {
      printJson({ accounts });
    } else {
      print(`${accounts} account${accounts === 1 ? '' : 's'} scored again`);
    }
    return EXIT.done;
  },
};
