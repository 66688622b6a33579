import type { Result } from '../../shared/result.ts';
import { WAITS } from '../../store/fold/accounts.ts';
import { type MergeDeps, type Merged, mergeAccounts, unmergeAccount } from '../../store/merge/index.ts';
import { listMerges } from '../../store/merge/list.ts';
import { rankOf } from '../../wiring/service-stages.ts';
import { byWithReason } from '../author.ts';
import { complain, EXIT, type Invocation, limitOf, print, printJson, UsageError } from '../command.ts';
import type { RecordContext } from '../context.ts';
import { table } from '../table.ts';

/** `pql accounts merge FROM INTO --reason R` */
export async function merge(context: RecordContext, invocation: Invocation): Promise<number> {
  const { options, positionals, json } = invocation;
  const [, from, into] = positionals;
  if (from === undefined || into === undefined) {
    throw new UsageError('merge which accounts? name two keys: accounts merge FROM INTO --reason REASON');
  }
  const by = byWithReason(options);
  const done = await mergeAccounts(depsOf(context), from, into, by);
  return report(done, json, (merged) => [
    `merged ${merged.from} into ${merged.into}: ${people(merged.people)}; \`pql accounts unmerge\` takes it back`,
  ]);
}

/** `pql accounts unmerge FROM --reason R` */
export async function unmerge(context: RecordContext, invocation: Invocation): Promise<number> {
  const { options, positionals, json } = invocation;
  const [, from, extra] = positionals;
  if (from === undefined || extra !== undefined) {
    throw new UsageError('separate which account? name the key: accounts unmerge FROM --reason REASON');
  }
  const by = byWithReason(options);
  const done = await unmergeAccount(depsOf(context), from, by);
  return report(done, json, (apart) => [
    `separated ${apart.from} from ${apart.into} again: ${people(apart.people)}`,
  ]);
}

/** `pql accounts merges` */
export async function merges({ db }: RecordContext, { options, json }: Invocation): Promise<number> {
  const found = await listMerges(db, limitOf(options, 50));
  if (json) {
    printJson({ merges: found });
  } else if (found.length === 0) {
    print('no account is merged into another by an operator');
  } else {
    const rows = found.map(({ from, into, at, author, reason }) => [from, into, at, author, reason]);
    print(table(['account', 'merged into', 'at', 'by', 'reason'], rows));
  }
  return EXIT.done;
}

function depsOf({ db, mappings }: RecordContext): MergeDeps {
  const now = () => Date.now();
  return { db, now, realNow: now, waits: WAITS, tierRank: rankOf(mappings) };
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

function report(done: Result<Merged, string>, json: boolean, say: (merged: Merged) => string[]): number {
  if (!done.ok) {
    complain(done.error);
    return EXIT.failed;
  }
  if (json) {
    printJson(done.value);
  } else {
    print([...say(done.value), 'The scores follow within seconds; nothing is acted on.'].join('\n'));
  }
  return EXIT.done;
}
