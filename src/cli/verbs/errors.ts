import { dismissError, listErrors, retryParked, showError } from '../../store/errors.ts';
import { EXIT, limitOf, print, printJson, UsageError, type Verb } from '../command.ts';
import { type RecordContext, withRecord } from '../context.ts';
import { table } from '../table.ts';

export const errors: Verb = {
  name: 'errors',
  usage: 'list | show ID | retry (ID | --code CODE | --all) | dismiss ID',
  summary:
    'Events in quarantine and records that a CRM refused: list, look, try again, or take off the list.',
  positionals: 2,
  options: { code: { type: 'string' }, all: { type: 'boolean' }, limit: { type: 'string' } },
  help: {
    code: 'retry: everything parked with this code',
    all: 'retry: everything parked',
    limit: 'list: how many (100)',
  },
  run: (invocation) =>
    withRecord((context) => {
      const [action = 'list', id] = invocation.positionals;
      switch (action) {
        case 'list':
          return list(context, limitOf(invocation.options, 100), invocation.json);
        case 'show':
          return show(context, needed(id), invocation.json);
        case 'retry':
          return retry(context, id, invocation.options, invocation.json);
        case 'dismiss':
          return dismiss(context, needed(id), invocation.json);
        default:
          throw new UsageError(`errors: found ${action}; allowed: list, show, retry, dismiss`);
      }
    }),
};

function needed(id: string | undefined): string {
  if (id === undefined) {
    throw new UsageError('name an id, as `pql errors list` shows it');
  }
  return id;
}

async function list({ db }: RecordContext, limit: number, json: boolean): Promise<number> {
  const found = await listErrors(db, limit);
  if (json) {
    printJson({ errors: found });
  } else if (found.length === 0) {
    print('no errors');
  } else {
    print(
      table(
        ['id', 'what', 'code', 'account', 'reason'],
        found.map((row) => [row.id, row.what, row.code, row.account, row.reason]),
      ),
    );
  }
  return EXIT.done;
}

async function show({ db }: RecordContext, id: string, json: boolean): Promise<number> {
  const found = await showError(db, id);
  if (found === null) {
    process.stderr.write(`no error ${id}\n`);
    return EXIT.failed;
  }
  print(JSON.stringify(found, null, json ? 0 : 2));
  return EXIT.done;
}

async function retry(
  { db }: RecordContext,
  id: string | undefined,
  options: { code?: unknown; all?: unknown },
  json: boolean,
): Promise<number> {
  if (id === undefined && options.all !== true && typeof options.code !== 'string') {
    throw new UsageError('retry what? name an id, --code CODE or --all');
  }
  const which = id !== undefined ? { id } : typeof options.code === 'string' ? { code: options.code } : {};
  const retried = await retryParked(db, which, Date.now());
  if (json) {
    printJson({ retried });
  } else {
    print(`${retried} wait to be tried again`);
  }
  if (id !== undefined && retried === 0) {
    process.stderr.write(`no parked record ${id}; an event in quarantine cannot be retried\n`);
    return EXIT.failed;
  }
  return EXIT.done;
}

async function dismiss({ db }: RecordContext, id: string, json: boolean): Promise<number> {
  const done = await dismissError(db, id);
  if (json) {
    printJson({ dismissed: done });
  } else {
    print(done ? 'dismissed' : `no open error ${id}`);
  }
  return done ? EXIT.done : EXIT.failed;
}
