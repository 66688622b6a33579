import { foldRules } from '../../mappings.ts';
import { routeWithOwner } from '../../read-model/route.ts';
import type { FoundAccount, ReadModel } from '../../read-model.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import { lastingEvaluation } from '../../score/lasting.ts';
import { type Outlook, outlookOf } from '../../score/outlook.ts';
import type { Json } from '../../shared/json.ts';
import { shownOnLine } from '../../shared/shown-text.ts';
import { stateAsOf } from '../../store/as-of.ts';
import { inTransaction } from '../../store/db.ts';
import { attachFacts } from '../../store/facts/attach.ts';
import { factLookup } from '../../wiring/facts.ts';
import { complain, EXIT, instantOrThrow, print, printJson, UsageError, type Verb } from '../command.ts';
import { modelOrThrow, type RecordContext, withRecord } from '../context.ts';

/** A score with what would change it. */
export interface FoundScore {
  account: string;
  evaluation: Evaluation;
  outlook: Outlook | null;
  /** null: computed now, for an instant in the past. */
  computedAt: string | null;
  /** Where its last crossing went, and who has the task; null: nowhere yet, or in the past. */
  route: Json;
  /** What is known of the account, and where each fact comes from. */
  known: ReturnType<ReadModel['factsOf']>;
}

/** The stored score, or the one that the journal gives for an instant in the past. */
export async function scoreOf(
  context: RecordContext,
  key: string | undefined,
  asOf: string | boolean | undefined,
  modelName: string | boolean | undefined,
): Promise<FoundScore | null> {
  if (key === undefined) {
    throw new UsageError('name an account key');
  }
  const { read, mappings, db } = context;
  const model = modelOrThrow(mappings, modelName);
  const at = instantOrThrow('as-of', asOf);
  const account = await read.findAccount(key);
  if (account === null) {
    return null;
  }
  if (at !== null) {
    const state = await inTransaction(db, (tx) => stateAsOf(tx, foldRules(mappings), account, at));
    // What CRMs and CSV files said then nobody kept: their facts are those of now.
    await attachFacts(db, new Map([[account.id, state]]), factLookup(mappings.facts));
    const evaluation = lastingEvaluation(model, state, at);
    const outlook = outlookOf(model, state, at, evaluation);
    const known = read.factsOf(state);
    return { account: account.key, evaluation, outlook, computedAt: null, route: null, known };
  }
  const stored = (await read.loadScores(account)).find((score) => score.model === model.model);
  if (stored === undefined) {
    return null;
  }
  const { evaluation, computedAt } = stored;
  const state = await read.loadState(account);
  const outlook = read.outlookOf(state, stored);
  const route = await routeNow(read, account, stored.route);
  return { account: account.key, evaluation, outlook, computedAt, route, known: read.factsOf(state) };
}

async function routeNow(read: ReadModel, { id: account }: FoundAccount, route: Json): Promise<Json> {
  const tasks = await read.listActions({ account, kind: 'task', state: null, crm: null, limit: TASKS });
  return routeWithOwner(route, tasks);
}

/** Newest tasks among which one has an owner: a crossing may have become a line in an earlier task. */
const TASKS = 20;

/** `goes to SDR, to ann@acme.com (owner of the account)`; '' where nothing is known. */
export function routeInWords(route: Json): string {
  if (route === null || typeof route !== 'object' || Array.isArray(route)) {
    return '';
  }
  const { to, owner, ownerWhy, reason } = route as Record<string, string | null>;
  const who = owner ? `, to ${owner}${ownerWhy ? ` (${ownerWhy})` : ''}` : '';
  return `goes to ${to}${who}: ${reason}`;
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
        complain(`no score of ${positionals[0]}`);
        return EXIT.failed;
      }
      const { evaluation } = found;
      if (json) {
        const { account, computedAt, route } = found;
        printJson({ account, score: evaluation, computedAt, route });
      } else {
        print(
          `${shownOnLine(found.account)}  ${evaluation.value}  ${evaluation.tier}  holds until ${evaluation.validUntil ?? 'something happens'}`,
        );
        const route = routeInWords(found.route);
        if (route !== '') {
          print(shownOnLine(route));
        }
      }
      return EXIT.done;
    }),
};
