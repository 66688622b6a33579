import { foldRules } from '../../mappings.ts';
import { evaluate } from '../../score/evaluate.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import { loadDomainLists } from '../../shared/domain-lists.ts';
import { stateAsOf } from '../../store/as-of.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { modelOrThrow, type RecordContext, withRecord } from '../context.ts';

/** The stored score, or the one that the journal gives for an instant in the past. */
export async function scoreOf(
  context: RecordContext,
  key: string | undefined,
  asOf: string | boolean | undefined,
  modelName: string | boolean | undefined,
): Promise<{ account: string; evaluation: Evaluation; computedAt: string | null } | null> {
  if (key === undefined) {
    throw new UsageError('name an account key');
  }
  const { read, mappings, db } = context;
  const model = modelOrThrow(mappings, modelName);
  const at = instantOrThrow(asOf);
  const account = await read.findAccount(key);
  if (account === null) {
    return null;
  }
  if (at !== null) {
    const state = await stateAsOf(db, foldRules(mappings, loadDomainLists()), account, at);
    return { account: account.key, evaluation: evaluate(model, state, at), computedAt: null };
  }
  const stored = (await read.loadScores(account)).find((score) => score.model === model.model);
  return stored === undefined
    ? null
    : { account: account.key, evaluation: stored.evaluation, computedAt: stored.computedAt };
}

function instantOrThrow(text: string | boolean | undefined): number | null {
  if (typeof text !== 'string') {
    return null;
  }
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new UsageError(`--as-of: found ${text}; allowed: an instant such as 2026-03-02T10:00:00Z`);
  }
  return at;
}

export const score: Verb = {
  name: 'score',
  usage: 'ACCOUNT [--as-of T] [--model MODEL]',
  summary: 'The score of one account, as stored, or as it was at an instant (folded from the journal).',
  positionals: 1,
  options: { 'as-of': { type: 'string' }, model: { type: 'string' } },
  help: { 'as-of': 'an instant, e.g. 2026-03-02T10:00:00Z', model: 'another model than the champion' },
  run: ({ options, positionals, json }) =>
    withRecord(async (context) => {
      const found = await scoreOf(context, positionals[0], options['as-of'], options.model);
      if (found === null) {
        process.stderr.write(`no score of ${positionals[0]}\n`);
        return EXIT.failed;
      }
      const { evaluation } = found;
      if (json) {
        printJson({ account: found.account, score: evaluation, computedAt: found.computedAt });
      } else {
        print(
          `${found.account}  ${evaluation.value}  ${evaluation.tier}  holds until ${evaluation.validUntil ?? 'something happens'}`,
        );
      }
      return EXIT.done;
    }),
};
