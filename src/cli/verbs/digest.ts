import { localDate } from '../../decide/handoff/digest.ts';
import { listDigests } from '../../store/handoff/digests.ts';
import { crmSites } from '../../wiring/crm-sites.ts';
import { lettersNow } from '../../wiring/digest.ts';
import { publicUrl } from '../../wiring/in-force.ts';
import { complain, EXIT, limitOf, type Options, print, printJson, type Verb } from '../command.ts';
import { type RecordContext, withRecord } from '../context.ts';
import { table } from '../table.ts';

export const digest: Verb = {
  name: 'digest',
  usage: '[--limit N] | --dry-run [--owner E-MAIL]',
  summary:
    'Mails of the day about qualified accounts: which went out and which did not, newest first. Or what would be sent now; nothing is.',
  options: {
    'dry-run': { type: 'boolean' },
    owner: { type: 'string' },
    limit: { type: 'string' },
  },
  help: {
    'dry-run': 'print what everybody would get now, and send nothing',
    owner: 'with --dry-run: only what this recipient would get',
    limit: 'how many mails (100)',
  },
  run: ({ options, json }) =>
    withRecord((context) =>
      options['dry-run'] === true ? dryRun(context, options, json) : list(context, options, json),
    ),
};

async function list({ db }: RecordContext, options: Options, json: boolean): Promise<number> {
  const found = await listDigests(db, limitOf(options, 100));
  if (json) {
    printJson({ digests: found });
  } else if (found.length === 0) {
    print('no digest was sent');
  } else {
    print(
      table(
        ['day', 'to', 'state', 'accounts', 'tried', 'next try', 'reason'],
        found.map((row) => [
          row.day,
          row.recipient,
          row.state,
          row.accounts,
          row.attempts,
          row.nextTry,
          row.reason,
        ]),
      ),
    );
  }
  return EXIT.done;
}

async function dryRun(context: RecordContext, options: Options, json: boolean): Promise<number> {
  const { config, mappings, read } = context;
  const { digest: configured } = mappings.handoff;
  if (configured === null) {
    complain('handoff.yaml has no section digest: none is sent');
    return EXIT.failed;
  }
  const now = Date.now();
  const deps = { read, sites: crmSites(config), linkBase: publicUrl(config), now: () => now };
  const letters = await lettersNow(deps, configured, localDate(configured, now));
  const wanted = typeof options.owner === 'string' ? options.owner.toLowerCase() : null;
  const shown = [...letters].filter(([to]) => wanted === null || to === wanted);
  if (json) {
    printJson({ letters: shown.map(([to, letter]) => ({ to, ...letter })) });
  } else if (shown.length === 0) {
    print('nobody would get a digest now: nothing about a qualified account is new, due or changed');
  } else {
    print(shown.map(([to, { text }]) => `To: ${to}\n${text}`).join('\n'));
  }
  return EXIT.done;
}
