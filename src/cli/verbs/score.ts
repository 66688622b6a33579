import { evaluate } from '../../score/evaluate.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import type { Model } from '../../score/model.ts';
import { stateAsOf } from '../../store/as-of.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { type RecordContext, withRecord } from '../context.ts';

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
  const model = modelOf([mappings.champion, ...mappings.shadows], modelName);
  const account = await read.findAccount(key);
  if (account === null) {
    return null;
  }
  if (typeof asOf === 'string') {
    const at = Date.parse(asOf);
    if (Number.isNaN(at)) {
      throw new UsageError('--as-of must be an instant such as 2026-03-02T10:00:00Z');
    }
    const state = await stateAsOf(db, mappings.signals, account, at);
    return { account: account.key, evaluation: evaluate(model, state, at), computedAt: null };
  }
  const stored = (await read.loadScores(account)).find((score) => score.model === model.model);
  return stored === undefined
    ? null
    : { account: account.key, evaluation: stored.evaluation, computedAt: stored.computedAt };
}

function modelOf(models: Model[], name: string | boolean | undefined): Model {
  const found = name === undefined ? models[0] : models.find((model) => model.model === name);
  if (found === undefined) {
    throw new UsageError(
      `--model: found ${String(name)}; allowed: ${models.map((model) => model.model).join(', ')}`,
    );
  }
  return found;
}

export const score: Verb = {
  name: 'score',
  usage: 'ACCOUNT [--as-of T] [--model MODEL]',
  summary: 'The score of one account, as stored, or as it was at an instant (folded from the journal).',
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
