import { planReplay, type Replay, type Replayed } from '../../store/replay/index.ts';
import {
  complain,
  EXIT,
  instantOrThrow,
  type Options,
  print,
  printJson,
  UsageError,
  type Verb,
} from '../command.ts';
import { withDatabase } from '../context.ts';
import { withWorker } from '../with-worker.ts';

export const replay: Verb = {
  name: 'replay',
  usage: '(--all | --account KEY | --since T [--until T] | --error CODE) [--dry-run]',
  summary:
    'Rebuilds states and scores from the journal, here and beside the running service. Tasks and memberships are never made by it. May be stopped and asked for again at any time.',
  options: {
    all: { type: 'boolean' },
    account: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    error: { type: 'string' },
    'dry-run': { type: 'boolean' },
  },
  help: {
    all: 'everybody',
    account: 'the people of one account',
    since: 'everybody of whom something was received since this instant, e.g. 2026-03-02T10:00:00Z',
    until: 'with --since: and before this one (now)',
    error: 'quarantined elements of this code: those that can be read now, or folded, are taken',
    'dry-run': 'only count',
  },
  run: async ({ options, json }) => {
    checkUsage(options);
    const { known, planned } = await withDatabase(async ({ db, read }) => {
      const what = await whatOf(options, async (key) => (await read.findAccount(key))?.id ?? null);
      return { known: what, planned: what === null ? null : await planReplay(db, what) };
    });
    if (known === null || planned === null) {
      complain(`no account has the key ${String(options.account)}`);
      return EXIT.failed;
    }
    if (options['dry-run'] === true) {
      show(planned, json, 'would be folded again', 'would be tried');
      return EXIT.done;
    }
    const done = await withWorker((service) => service.replay(known, json ? () => {} : progress()));
    show(done, json, 'folded again and scored', 'taken');
    return EXIT.done;
  },
};

/** Exactly one of them says what is replayed. */
const WAYS = ['all', 'account', 'since', 'error'] as const;

function checkUsage(options: Options): void {
  if (WAYS.filter((way) => options[way] !== undefined).length !== 1) {
    throw new UsageError(`exactly one of ${WAYS.map((way) => `--${way}`).join(', ')}`);
  }
  if (options.until !== undefined && options.since === undefined) {
    throw new UsageError('--until goes with --since');
  }
}

/** null: no account has the key. */
async function whatOf(
  options: Options,
  idOf: (key: string) => Promise<string | null>,
): Promise<Replay | null> {
  const since = instantOrThrow('since', options.since);
  if (since !== null) {
    return { kind: 'received', since, until: instantOrThrow('until', options.until) ?? Date.now() };
  }
  if (typeof options.error === 'string') {
    return { kind: 'error', code: options.error };
  }
  if (typeof options.account === 'string') {
    const id = await idOf(options.account);
    return id === null ? null : { kind: 'account', id };
  }
  return { kind: 'all' };
}

/** How often (ms) it is said how far we are. */
const EVERY = 2000;

function progress(): (left: number) => void {
  let said = performance.now();
  return (left) => {
    if (performance.now() - said > EVERY) {
      said = performance.now();
      complain(`${left} people still to be folded again`);
    }
  };
}

function show({ people, elements, refused }: Replayed, json: boolean, folded: string, taken: string): void {
  if (json) {
    printJson({ people, elements, refused });
    return;
  }
  const lines = [
    ...(people > 0 || elements + refused === 0 ? [`${people} people ${folded}`] : []),
    ...(elements > 0 ? [`${elements} quarantined elements ${taken}`] : []),
    ...(refused > 0 ? [`${refused} are refused as before: pql errors list`] : []),
  ];
  print(lines.join('\n'));
}
