import { foldRules } from '../../mappings.ts';
import type { Forgetting } from '../../read-model/forget.ts';
import { commaList } from '../../shared/comma-list.ts';
import { WAITS } from '../../store/fold/accounts.ts';
import type { FoldDeps } from '../../store/fold/index.ts';
import { hurry } from '../../store/forget/failed.ts';
import { askToForget, forgettingPlan, listForgettings } from '../../store/forget/index.ts';
import { scanFor } from '../../store/forget/scan.ts';
import { runForgettings } from '../../store/forget/steps.ts';
import { rankOf } from '../../wiring/service-stages.ts';
import { BY_OPTIONS, byWithReason } from '../author.ts';
import {
  complain,
  EXIT,
  limitOf,
  type Options,
  print,
  printJson,
  UsageError,
  type Verb,
} from '../command.ts';
import { type RecordContext, withRecord } from '../context.ts';
import { table } from '../table.ts';

export const forget: Verb = {
  name: 'forget',
  usage:
    'PERSON --reason REASON [--email E,E] [--dry-run] | PERSON --scan [--also TEXT,TEXT] | --list | --resume',
  summary:
    'Takes every trace of a person out of the database, under all their ids, and refuses what comes of them later. PERSON is a user id, an anonymous id or an e-mail address. CRM records are listed, not deleted. The service may run meanwhile.',
  positionals: 1,
  options: {
    ...BY_OPTIONS,
    email: { type: 'string' },
    'dry-run': { type: 'boolean' },
    scan: { type: 'boolean' },
    also: { type: 'string' },
    list: { type: 'boolean' },
    resume: { type: 'boolean' },
    limit: { type: 'string' },
  },
  help: {
    reason: 'why; it stands in the audit, without what names the person',
    author: 'who decides (the user who runs the command)',
    email: 'further addresses of theirs, with commas between them',
    'dry-run': 'show who that is and what would go; nothing is changed',
    scan: 'look for PERSON in every table: nothing found proves that nothing is there',
    also: 'with --scan: further ids, addresses and names to look for, with commas between them',
    list: 'what was forgotten, and how far it is',
    resume: 'go on with what was asked for and is not done, such as deletes of Segment',
    limit: 'with --list: how many (50)',
  },
  run: ({ options, positionals, json }) =>
    withRecord((context) => {
      const [person] = positionals;
      if (options.list === true) {
        return list(context, limitOf(options, 50), json);
      }
      if (options.resume === true) {
        return resume(context, json);
      }
      if (person === undefined || person.trim() === '') {
        throw new UsageError('forget whom? name a user id, an anonymous id or an e-mail address');
      }
      if (options.scan === true) {
        return scan(context, [person, ...listOf(options.email), ...listOf(options.also)], json);
      }
      return options['dry-run'] === true
        ? dryRun(context, person, listOf(options.email), json)
        : doIt(context, person, options, json);
    }),
};

function listOf(option: Options[string]): string[] {
  return typeof option === 'string' ? commaList(option) : [];
}

function depsOf({ db, mappings }: RecordContext): FoldDeps {
  const now = () => Date.now();
  return { db, ...foldRules(mappings), now, realNow: now, waits: WAITS, tierRank: rankOf(mappings) };
}

async function doIt(
  context: RecordContext,
  person: string,
  options: Options,
  json: boolean,
): Promise<number> {
  const by = byWithReason(options);
  const id = await askToForget(context.db, person, listOf(options.email), by, Date.now());
  await runForgettings(depsOf(context), id);
  const [done] = await listForgettings(context.db, 1, id);
  if (done?.step !== 'done') {
    complain('another process is at it; pql forget --list says when it is done');
    return EXIT.failed;
  }
  if (json) {
    printJson(done);
  } else {
    print(textOf(done));
  }
  return (done.done.left ?? 0) === 0 ? EXIT.done : EXIT.failed;
}

function textOf({ person, done }: Forgetting): string {
  const { events = 0, accounts = 0, ids = 0, emails = 0, mentions = 0, left = 0, crm = [] } = done;
  return [
    `forgotten: ${events} events of ${ids} ids and ${emails} addresses, in ${accounts} accounts; ${mentions} records of others name ${person} now`,
    ...(left > 0 ? [`${left} rows still name them: pql forget PERSON --scan says where`] : []),
    ...(crm.length === 0
      ? ['no CRM record stands for them']
      : [
          'these CRM records stand for them and are left to you:',
          ...crm.map((one) => `  ${one.connection} ${one.object} ${one.id}`),
        ]),
    'scores follow within seconds; nothing is acted on',
  ].join('\n');
}

async function dryRun(
  context: RecordContext,
  person: string,
  emails: readonly string[],
  json: boolean,
): Promise<number> {
  const { who, removed } = await forgettingPlan(context.db, depsOf(context), person, emails);
  const { users, anonymous, shared } = who;
  const plan = { users, anonymous, emails: who.emails, sharedDevices: shared, ...removed };
  if (json) {
    printJson(plan);
  } else {
    print(
      [
        `user ids: ${users.join(', ') || 'none'}`,
        `anonymous ids: ${anonymous.join(', ') || 'none'}${shared.length > 0 ? `; shared with others, who keep theirs: ${shared.join(', ')}` : ''}`,
        `addresses: ${who.emails.join(', ') || 'none'}`,
        `would go: ${removed.events} events, in ${removed.accounts} accounts`,
        `CRM records that would be left to you: ${removed.crm.map((one) => `${one.connection} ${one.object} ${one.id}`).join(', ') || 'none'}`,
      ].join('\n'),
    );
  }
  return EXIT.done;
}

async function scan({ db }: RecordContext, texts: readonly string[], json: boolean): Promise<number> {
  const traces = await scanFor(db, texts);
  if (json) {
    printJson({ traces });
  } else if (traces.length === 0) {
    print('0 rows: no table names them');
  } else {
    print(
      table(
        ['table', 'column', 'rows'],
        traces.map((one) => [one.table, one.column, one.rows]),
      ),
    );
  }
  return traces.length === 0 ? EXIT.done : EXIT.failed;
}

async function list({ db }: RecordContext, limit: number, json: boolean): Promise<number> {
  const found = await listForgettings(db, limit);
  if (json) {
    printJson({ forgettings: found });
  } else {
    print(
      found.length === 0
        ? 'nobody was forgotten'
        : table(
            ['at', 'person', 'state', 'by', 'reason', 'events', 'failed', 'next try'],
            found.map((one) => [
              one.at,
              one.person,
              one.step,
              one.author,
              one.reason,
              one.done.events ?? 0,
              one.failed ?? '',
              one.nextTry ?? '',
            ]),
          ),
    );
  }
  return EXIT.done;
}

async function resume(context: RecordContext, json: boolean): Promise<number> {
  await hurry(context.db);
  const failed: { id: number; reason: string }[] = [];
  const done = await runForgettings(depsOf(context), null, (id, reason) => failed.push({ id, reason }));
  if (json) {
    printJson({ done, failed });
  } else {
    print([`${done} done`, ...failed.map(({ id, reason }) => `number ${id} failed: ${reason}`)].join('\n'));
  }
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}
