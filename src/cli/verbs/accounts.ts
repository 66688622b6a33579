import { isCursor } from '../../read-model.ts';
import { EXIT, limitOf, print, printJson, UsageError, type Verb } from '../command.ts';
import { modelOrThrow, withRecord } from '../context.ts';
import { table } from '../table.ts';

export const accounts: Verb = {
  name: 'accounts',
  usage: '[--tier TIER] [--q TEXT] [--model MODEL] [--limit N] [--cursor CURSOR]',
  summary: 'Accounts, highest score first.',
  options: {
    tier: { type: 'string' },
    q: { type: 'string' },
    model: { type: 'string' },
    limit: { type: 'string' },
    cursor: { type: 'string' },
  },
  help: {
    tier: 'only this tier',
    q: 'part of a name, key or domain',
    model: 'another model than the champion',
    limit: 'how many (50)',
    cursor: 'the next page, as the last one named it',
  },
  run: ({ options, json }) =>
    withRecord(async ({ read, mappings }) => {
      const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null);
      const limit = limitOf(options, 50);
      const cursor = text('cursor');
      if (cursor !== null && !isCursor(cursor)) {
        throw new UsageError(
          '--cursor: found something else; allowed: what an earlier page named as its next',
        );
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
    }),
};
