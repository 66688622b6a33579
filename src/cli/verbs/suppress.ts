import { readKey, readReason, readUntil, UNTIL_ALLOWED, WHY_MAX } from '../../decide/handoff/manual.ts';
import type { SuppressionRow } from '../../read-model.ts';
import { didYouMean } from '../../shared/config-file.ts';
import { addSuppression, listSuppressions, removeSuppression } from '../../store/handoff/suppressions.ts';
import { authorOf } from '../author.ts';
import {
  complain,
  EXIT,
  type Invocation,
  type Options,
  print,
  printJson,
  UsageError,
  type Verb,
} from '../command.ts';
import { type DatabaseContext, withDatabase } from '../context.ts';
import { table } from '../table.ts';

export const suppress: Verb = {
  name: 'suppress',
  usage: 'add KEY --why WHY [--until DATE|DURATION] | list [--all] | remove KEY [--why WHY]',
  summary:
    'Accounts that nobody contacts, however many points they have. KEY is the key of an account, a key that it had before a merge, or a domain: then every account with that domain. It need not be known yet. What waits is not made, open tasks are closed; when it ends, a crossing that was held back is handed over.',
  positionals: 2,
  options: {
    why: { type: 'string' },
    until: { type: 'string' },
    author: { type: 'string' },
    all: { type: 'boolean' },
  },
  help: {
    why: 'add: why, in words that a rep reads; remove: why not any more; it stands in the audit',
    until:
      'add: the last day (2026-12-31, UTC), an instant (2026-12-31T12:00:00Z) or a duration (30 days, 12 hours); without it until it is removed',
    author: 'who decides (the user who runs the command)',
    all: 'list: also what was removed, replaced or is over',
  },
  run: (invocation) => {
    const [action = 'list', key] = invocation.positionals;
    const work = ACTIONS[action];
    if (work === undefined) {
      const known = Object.keys(ACTIONS);
      throw new UsageError(
        `suppress: found ${action}; allowed: ${known.join(', ')}${didYouMean(action, known)}`,
      );
    }
    if (action === 'list' && key !== undefined) {
      throw new UsageError(`suppress list takes no key ${key}; allowed: list [--all]`);
    }
    return work(invocation);
  },
};

const ACTIONS: Record<string, (invocation: Invocation) => Promise<number>> = { add, list, remove };

function keyOf([, text]: readonly string[]): string {
  const key = text === undefined ? null : readKey(text);
  if (key === null) {
    throw new UsageError(
      `suppress which account? found ${text === undefined ? 'no key' : `${text.length} characters`}; allowed: its key, of up to 500 characters, or a domain`,
    );
  }
  return key;
}

function whyOf({ why }: Options): string {
  const reason = typeof why === 'string' ? readReason(why) : null;
  if (reason === null) {
    const found = typeof why === 'string' ? `${why.length} characters` : 'nothing';
    throw new UsageError(
      `--why: found ${found}; allowed: why, in up to ${WHY_MAX} characters that a rep reads`,
    );
  }
  return reason;
}

function untilOf({ until }: Options, now: number): number | null {
  const end = typeof until === 'string' ? readUntil(until, now) : null;
  if (typeof until === 'string' && end === null) {
    throw new UsageError(`--until: found ${until}; allowed: ${UNTIL_ALLOWED}`);
  }
  return end;
}

function add({ options, positionals, json }: Invocation): Promise<number> {
  const now = Date.now();
  const key = keyOf(positionals);
  const reason = whyOf(options);
  const asked = { key, reason, author: authorOf(options), until: untilOf(options, now) };
  return withDatabase(async ({ db }) => {
    const { accounts, replaced } = await addSuppression(db, asked, { now, realNow: now });
    const until = asked.until === null ? null : new Date(asked.until).toISOString();
    if (json) {
      printJson({ key, reason, author: asked.author, until, accounts, replaced });
    } else {
      print(
        [
          `suppressed ${key} ${until === null ? 'until it is removed' : `until ${until}`}: ${reason}`,
          ...(replaced === null
            ? []
            : [`replaces: ${replaced.reason} (by ${replaced.author}, ${replaced.at})`]),
          ...whomText(accounts, 'open tasks are closed within seconds, and what waits is not made'),
        ].join('\n'),
      );
    }
    return EXIT.done;
  });
}

function whomText(accounts: readonly string[], then: string): string[] {
  return accounts.length === 0
    ? ['no account has this key or domain yet: it will hold when one comes']
    : [
        `accounts: ${accounts.slice(0, 10).join(', ')}${accounts.length > 10 ? ` and ${accounts.length - 10} more` : ''}; ${then}`,
      ];
}

function list({ options, json }: Invocation): Promise<number> {
  return withDatabase(async ({ db }: DatabaseContext) => {
    const found = await listSuppressions(db, options.all === true, Date.now());
    if (json) {
      printJson({ suppressions: found });
    } else {
      print(found.length === 0 ? 'nobody is suppressed' : tableOf(found, options.all === true));
    }
    return EXIT.done;
  });
}

function tableOf(found: readonly SuppressionRow[], all: boolean): string {
  const more = all ? ['removed', 'by'] : [];
  return table(
    ['key', 'why', 'by', 'since', 'until', ...more],
    found.map(({ key, reason, author, at, until, removedAt, removedBy }) => [
      key,
      reason,
      author,
      at,
      until ?? 'removed by hand',
      ...(all ? [removedAt, removedBy] : []),
    ]),
  );
}

function remove({ options, positionals, json }: Invocation): Promise<number> {
  const now = Date.now();
  const key = keyOf(positionals);
  const by = { author: authorOf(options), reason: typeof options.why === 'string' ? options.why : '' };
  return withDatabase(async ({ db }) => {
    const done = await removeSuppression(db, key, by, { now, realNow: now });
    if (done === null) {
      complain(`no suppression stands under the key ${key}; \`pql suppress list\` shows them`);
      return EXIT.failed;
    }
    if (json) {
      printJson({ ...done.removed, accounts: done.accounts });
    } else {
      const then = 'what was held back is handed over within seconds, if nothing else holds it';
      print(
        [
          `removed: ${key} (${done.removed.reason})`,
          ...(done.accounts.length === 0 ? [] : whomText(done.accounts, then)),
        ].join('\n'),
      );
    }
    return EXIT.done;
  });
}
