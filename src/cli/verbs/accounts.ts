import { isCursor } from '../../read-model.ts';
import { didYouMean } from '../../shared/config-file.ts';
import { BY_OPTIONS } from '../author.ts';
import { EXIT, type Invocation, limitOf, print, printJson, UsageError, type Verb } from '../command.ts';
import { modelOrThrow, type RecordContext, withRecord } from '../context.ts';
import { table } from '../table.ts';
import { merge, merges, unmerge } from './accounts-merge.ts';

export const accounts: Verb = {
  name: 'accounts',
  usage:
    '[--tier TIER] [--q TEXT] [--model MODEL] [--limit N] [--cursor CURSOR] | merge FROM INTO --reason R | unmerge FROM --reason R | merges',
  summary: 'Accounts, highest score first. Or: makes two accounts one, separates them again, lists who did.',
  positionals: 3,
  options: {
    ...BY_OPTIONS,
    tier: { type: 'string' },
    q: { type: 'string' },
    model: { type: 'string' },
    limit: { type: 'string' },
    cursor: { type: 'string' },
  },
  help: {
    reason: 'merge, unmerge: why; it stands in the audit',
    author: 'merge, unmerge: who decided (the user of this machine)',
    tier: 'only this tier',
    q: 'part of a name, key or domain',
    model: 'another model than the champion',
    limit: 'how many (50)',
    cursor: 'the next page, as the last one named it',
  },
  run: (invocation) => {
    const [action] = invocation.positionals;
    const work = action === undefined ? list : ACTIONS[action];
    if (work === undefined) {
      const known = Object.keys(ACTIONS);
      throw new UsageError(
        `accounts: found ${action}; allowed: ${known.join(', ')}${didYouMean(action ?? '', known)}`,
      );
    }
    return withRecord((context) => work(context, invocation));
  },
};

const ACTIONS: Record<string, (context: RecordContext, invocation: Invocation) => Promise<number>> = {
  merge,
  unmerge,
  merges,
};

async function list({ read, mappings }: RecordContext, { options, json }: Invocation): Promise<number> {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null);
  const limit = limitOf(options, 50);
  const cursor = text('cursor');
  if (cursor !== null && !isCursor(cursor)) {
    throw new UsageError('--cursor: found something else; allowed: what an earlier page named as its next');
  }
  const { model } = modelOrThrow(mappings, options.model);
  const tier = text('tier');
  const page = await read.listAccounts({ model, tier, q: text('q'), owner: null, limit, cursor });
  if (json) {
    printJson(page);
    return EXIT.done;
  }
  const rows = page.accounts.map((row) => [
    row.value,
    row.tier,
    row.key,
    row.name,
    row.people,
    row.validUntil,
  ]);
  print(table(['score', 'tier', 'account', 'name', 'people', 'holds until'], rows));
  if (page.next !== null) {
    print(`more: --cursor ${page.next}`);
  }
  return EXIT.done;
}
