import type { ErrorDetail, ErrorFilter } from '../../read-model/errors.ts';
import { shownOnLine } from '../../shared/shown-text.ts';
import { dismissError, listErrors, retryParked, showError } from '../../store/errors.ts';
import { CATALOGUE, nearestCode, pageText } from '../../sync/catalogue/index.ts';
import { BY_HELP, BY_OPTIONS, byOf } from '../author.ts';
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

export const errors: Verb = {
  name: 'errors',
  usage: 'list | show (ID | CODE) | retry (ID | --code CODE | --all) | dismiss ID',
  summary:
    'Events in quarantine and records that a CRM refused: list, look, try again, or take off the list.',
  positionals: 2,
  options: {
    code: { type: 'string' },
    all: { type: 'boolean' },
    state: { type: 'string' },
    crm: { type: 'string' },
    limit: { type: 'string' },
    ...BY_OPTIONS,
  },
  help: {
    code: 'list, retry: only what has this code',
    all: 'retry: everything parked, and what failed and waits for its next try',
    state: 'list: parked (what needs a person, the default), waiting (what is tried again by itself) or all',
    crm: 'list: only of hubspot, salesforce or slack',
    limit: 'list: how many (100)',
    ...BY_HELP,
  },
  run: (invocation) =>
    withRecord((context) => {
      const [action = 'list', id] = invocation.positionals;
      switch (action) {
        case 'list':
          return list(context, filterOf(invocation.options), invocation.json);
        case 'show':
          return show(context, needed(id), invocation.json);
        case 'retry':
          return retry(context, id, invocation.options, invocation.json);
        case 'dismiss':
          return dismiss(context, needed(id), invocation.options, invocation.json);
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

function filterOf(options: Options): ErrorFilter {
  const { state = 'parked', crm = null, code = null } = options;
  return {
    state: oneOf('--state', String(state), ['parked', 'waiting', 'all']),
    crm: crm === null ? null : oneOf('--crm', String(crm), ['hubspot', 'salesforce', 'slack']),
    code: code === null ? null : String(code),
    limit: limitOf(options, 100),
  };
}

function oneOf<T extends string>(option: string, found: string, allowed: readonly T[]): T {
  const known = allowed.find((word) => word === found);
  if (known === undefined) {
    throw new UsageError(`${option}: found ${found}; allowed: ${allowed.join(', ')}`);
  }
  return known;
}

async function list({ db }: RecordContext, filter: ErrorFilter, json: boolean): Promise<number> {
  const found = await listErrors(db, filter);
  if (json) {
    printJson({ errors: found });
  } else if (found.length === 0) {
    print('no errors');
  } else {
    print(
      table(
        ['id', 'what', 'code', 'account', 'field', 'tried', 'next try', 'reason'],
        found.map((row) => [
          row.id,
          row.what,
          row.code,
          row.account,
          row.field,
          row.attempts,
          row.nextTry,
          row.reason,
        ]),
      ),
    );
  }
  return EXIT.done;
}

async function show({ db }: RecordContext, id: string, json: boolean): Promise<number> {
  const entries = CATALOGUE.filter(({ code }) => code === id);
  if (entries.length > 0) {
    if (json) {
      printJson({ entries });
    } else {
      print(entries.map(pageText).join('\n'));
    }
    return EXIT.done;
  }
  const found = await showError(db, id);
  if (found === null) {
    complain(`no error and no code ${id}${nearestCode(id)}`);
    return EXIT.failed;
  }
  if (json) {
    printJson(found);
  } else {
    print(textOf(found));
  }
  return EXIT.done;
}

function textOf(found: ErrorDetail): string {
  const { record, payload, raw } = found;
  const lines: [string, unknown][] = [
    ['what', `${found.what}, ${found.state}`],
    ['code', found.page === null ? found.code : `${found.code} (${found.page})`],
    ['account', found.account],
    ['record', record === null ? null : [record.object, record.ref, record.crmId].filter(Boolean).join(' ')],
    ['field', found.field],
    ['value', found.field === null ? null : JSON.stringify(found.value)],
    ['words', found.reason],
    ['to do', found.remedy],
    ['attempts', found.attempts],
    ['next try', found.nextTry],
    ['since', found.at],
  ];
  const known = lines.filter(([, value]) => value !== null && value !== '');
  const body = raw ?? (payload === null ? '' : JSON.stringify(payload, null, 2));
  return [...known.map(([name, value]) => `${name.padEnd(9)} ${shownOnLine(String(value))}`), '', body].join(
    '\n',
  );
}

async function retry(
  { db }: RecordContext,
  id: string | undefined,
  options: Options,
  json: boolean,
): Promise<number> {
  if (id === undefined && options.all !== true && typeof options.code !== 'string') {
    throw new UsageError('retry what? name an id, --code CODE or --all');
  }
  const which = id !== undefined ? { id } : typeof options.code === 'string' ? { code: options.code } : {};
  const retried = await retryParked(db, which, Date.now(), byOf(options));
  if (json) {
    printJson({ retried });
  } else {
    print(`${retried} are tried again now`);
  }
  if (id !== undefined && retried === 0) {
    complain(`nothing of ${id} to try again now; an event in quarantine cannot be retried`);
    return EXIT.failed;
  }
  return EXIT.done;
}

async function dismiss({ db }: RecordContext, id: string, options: Options, json: boolean): Promise<number> {
  const done = await dismissError(db, id, Date.now(), byOf(options));
  if (json) {
    printJson({ dismissed: done });
  } else {
    print(done ? 'dismissed' : `no open error ${id}`);
  }
  return done ? EXIT.done : EXIT.failed;
}
