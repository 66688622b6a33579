import type { AuditRow } from '../../read-model/audit.ts';
import { isoInstant } from '../../shared/time.ts';
import { listAudit } from '../../store/read/audit.ts';
import { EXIT, instantOrThrow, limitOf, print, printJson, type Verb } from '../command.ts';
import { withDatabase } from '../context.ts';
import { table } from '../table.ts';

export const audit: Verb = {
  name: 'audit',
  usage: '[--since T] [--what WORDS] [--account KEY] [--decided] [--limit N]',
  summary: 'Who decided what, when and why, newest first; and what moved by itself.',
  options: {
    since: { type: 'string' },
    what: { type: 'string' },
    account: { type: 'string' },
    decided: { type: 'boolean' },
    limit: { type: 'string' },
  },
  help: {
    since: 'an instant, such as 2026-03-01 or 2026-03-01T12:00:00Z',
    what: 'only lines that hold these words, such as "published" or "forgotten"',
    account: 'only lines about this account',
    decided: 'only what somebody decided',
    limit: 'how many (100)',
  },
  run: ({ options, json }) => {
    const since = instantOrThrow('since', options.since);
    const filter = {
      since: since === null ? null : isoInstant(since),
      what: typeof options.what === 'string' ? options.what : null,
      account: typeof options.account === 'string' ? options.account : null,
      decided: options.decided === true,
      limit: limitOf(options, 100),
    };
    return withDatabase(async ({ db }) => {
      const lines = await listAudit(db, filter);
      if (json) {
        printJson({ audit: lines });
      } else {
        print(lines.length === 0 ? 'no lines' : textOf(lines));
      }
      return EXIT.done;
    });
  },
};

function textOf(lines: readonly AuditRow[]): string {
  const rows = lines.map(({ at, what, account, author, reason, detail }) => [
    at.slice(0, 19).replace('T', ' '),
    what,
    account,
    author,
    reason,
    JSON.stringify(Object.fromEntries(Object.entries(detail).filter(([name]) => !SHOWN.has(name)))).slice(
      0,
      120,
    ),
  ]);
  return table(['at (UTC)', 'what', 'account', 'by', 'reason', 'detail'], rows);
}

/** Have a column of their own. */
const SHOWN = new Set(['author', 'reason']);
