import { FEED_STATES, type FeedView, feedView, isFeedCursor } from '../../read-model/feed.ts';
import { minuteOf } from '../../shared/time.ts';
import { crmSites } from '../../wiring/crm-sites.ts';
import { EXIT, limitOf, type Options, print, printJson, UsageError, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { table } from '../table.ts';

export const feed: Verb = {
  name: 'feed',
  usage: '[--owner E-MAIL] [--state STATE] [--limit N] [--cursor CURSOR]',
  summary:
    'Qualified accounts, the most urgent first: who has each, by when somebody must get in touch, or why nobody was asked to.',
  options: {
    owner: { type: 'string' },
    state: { type: 'string' },
    limit: { type: 'string' },
    cursor: { type: 'string' },
  },
  help: {
    owner: 'only accounts whose task this person has, by e-mail',
    state: `only ${FEED_STATES.join(', ')}`,
    limit: 'how many (50)',
    cursor: 'the next page, as the last one named it',
  },
  run: ({ options, json }) =>
    withRecord(async ({ read, config }) => {
      const page = feedView(await read.feed(filterOf(options)), crmSites(config));
      if (json) {
        printJson(page);
        return EXIT.done;
      }
      print(page.feed.length === 0 ? 'no qualified account' : textOf(page.feed));
      if (page.next !== null) {
        print(`more: --cursor ${page.next}`);
      }
      return EXIT.done;
    }),
};

function filterOf(options: Options) {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : null);
  const state = FEED_STATES.find((one) => one === options.state) ?? null;
  if (options.state !== undefined && state === null) {
    throw new UsageError(`--state: found ${String(options.state)}; allowed: ${FEED_STATES.join(', ')}`);
  }
  const cursor = text('cursor');
  if (cursor !== null && !isFeedCursor(cursor)) {
    throw new UsageError('--cursor: found something else; allowed: what an earlier page named as its next');
  }
  return { owner: text('owner'), state, limit: limitOf(options, 50), cursor };
}

function textOf(rows: readonly FeedView[]): string {
  return table(
    ['tier', 'score', 'change', 'account', 'name', 'due (UTC)', 'owner', 'to', 'why'],
    rows.map(({ tier, score, change, account, name, due, owner, route, why, reasons }) => [
      tier,
      score,
      change === null ? 'new' : change > 0 ? `+${change}` : change,
      account,
      name,
      due === null ? null : minuteOf(due),
      owner,
      route,
      why === null ? reasons.join('; ') : `not handed over: ${why}`,
    ]),
  );
}
