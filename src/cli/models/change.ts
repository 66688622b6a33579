import { spanDifference } from '../../models/span-words.ts';
import { complain, EXIT, instantOrThrow, type Options, print, printJson, UsageError } from '../command.ts';
import { modelOrThrow, type RecordContext } from '../context.ts';

/** `pql explain ACCOUNT --from T1 --to T2`: what differs between the scores that were in force, as they were stored. */
export async function explainChange(
  { read, mappings }: RecordContext,
  key: string | undefined,
  options: Pick<Options, 'from' | 'to' | 'model'>,
  json: boolean,
): Promise<number> {
  if (key === undefined) {
    throw new UsageError('name an account key');
  }
  const from = instantOrThrow('from', options.from) ?? 0;
  const to = instantOrThrow('to', options.to) ?? Date.now();
  if (from > to) {
    throw new UsageError('--from: found an instant later than --to; allowed: one not later');
  }
  const account = await read.findAccount(key);
  const model = await historicModel(read.knownModels(), mappings, options.model);
  const span = account === null ? null : await read.scoreSpan(account, model, from, to);
  if (account === null || span === null || span.to === null) {
    complain(`no score of ${key} under ${model} by then`);
    return EXIT.failed;
  }
  const { difference, words } = spanDifference(span);
  if (json) {
    printJson({ account: account.key, model, ...span, difference, words });
  } else {
    const [first = '', ...rest] = words;
    print([`${account.key}, ${model}: ${first}`, ...rest.map((line) => `  ${line}`)].join('\n'));
  }
  return EXIT.done;
}

/** Any model that ran here once, also when it is neither champion nor shadow any more. */
async function historicModel(
  known: Promise<string[]>,
  mappings: RecordContext['mappings'],
  name: string | boolean | undefined,
): Promise<string> {
  return typeof name === 'string' && (await known).includes(name) ? name : modelOrThrow(mappings, name).model;
}
