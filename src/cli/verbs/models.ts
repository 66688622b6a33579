import { BY_OPTIONS } from '../author.ts';
import { limitOf, UsageError, type Verb } from '../command.ts';
import { configOrThrow, withDatabase, withRecord } from '../context.ts';
import { diffModels } from '../models/diff.ts';
import { listModels, modelsLog } from '../models/list.ts';
import { publishModel, rollbackModel } from '../models/publish.ts';
import { testModels } from '../models/test.ts';

export const models: Verb = {
  name: 'models',
  usage: 'list | test [NAME…] | diff A B | publish MODEL --reason R | rollback --reason R | log',
  summary: [
    'Models of the configuration folder.',
    '',
    '  list      champion, shadows and other files, with versions and how many accounts they scored',
    '  test      runs NAME.test.yaml beside each model: these events, then this score (no database needed)',
    '  diff      what changes for every account from model A to model B; nothing is written.',
    '            A, B: NAME, NAME@VERSION of one that ran here, or the path of a file',
    '  publish   makes MODEL the champion in models.yaml, and notes who and why',
    '  rollback  puts the champion before it back, with its file as it was',
    '  log       every change of the champion, newest first',
  ].join('\n'),
  positionals: 100,
  options: {
    ...BY_OPTIONS,
    'no-shadow': { type: 'boolean' },
    limit: { type: 'string' },
  },
  help: {
    reason: 'publish, rollback: why, for the log',
    author: 'publish, rollback: who (the user of this machine)',
    'no-shadow': 'publish: the former champion does not become a shadow',
    limit: 'diff: how many moved accounts are shown (50); log: how many lines (50)',
  },
  run: async ({ options, positionals, json }) => {
    const [action = 'list', ...names] = positionals;
    const limit = limitOf(options, 50);
    takesAtMost(action, names);
    switch (action) {
      case 'list':
        return withRecord((context) => listModels(context, json));
      case 'test':
        return testModels(configOrThrow().MAPPINGS_DIR, names, json);
      case 'diff':
        return withRecord((context) => diffModels(context, names, limit, json));
      case 'publish':
        return withRecord((context) => publishModel(context, names[0], options, json));
      case 'rollback':
        return withDatabase((context) => rollbackModel(context, options, json));
      case 'log':
        return withDatabase((context) => modelsLog(context, limit, json));
      default:
        throw new UsageError(`models: found ${action}; allowed: ${Object.keys(ARGUMENTS).join(', ')}`);
    }
  },
};

/** How many names each action takes. */
const ARGUMENTS: Record<string, number> = { list: 0, test: 99, diff: 2, publish: 1, rollback: 0, log: 0 };

function takesAtMost(action: string, names: readonly string[]): void {
  const extra = names[ARGUMENTS[action] ?? names.length];
  if (extra !== undefined) {
    throw new UsageError(`models ${action} takes no argument ${extra}`);
  }
}
