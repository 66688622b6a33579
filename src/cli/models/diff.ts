import { compareModels, type DiffReport } from '../../models/diff-report.ts';
import { modelFrom } from '../../models/source.ts';
import type { Model } from '../../score/model.ts';
import { formatProblem } from '../../shared/config-file.ts';
import { accountPages, countAccounts } from '../../store/read/pages.ts';
import { factLookup } from '../../wiring/facts.ts';
import { ConfigurationError, complain, EXIT, print, printJson, UsageError } from '../command.ts';
import type { RecordContext } from '../context.ts';
import { table } from '../table.ts';

/** `pql models diff A B`: what would be different if B were in force instead of A. Writes nothing. */
export async function diffModels(
  context: RecordContext,
  names: readonly string[],
  limit: number,
  json: boolean,
): Promise<number> {
  const [first, second] = names;
  if (first === undefined || second === undefined) {
    throw new UsageError('models diff: name two models: NAME, NAME@VERSION, or the path of a file');
  }
  const comparison = compareModels(
    await modelOrThrow(context, first),
    await modelOrThrow(context, second),
    Date.now(),
    limit,
  );
  const total = await countAccounts(context.db);
  let done = 0;
  for await (const page of accountPages(context.db, factLookup(context.mappings.facts))) {
    for (const { state, ...account } of page) {
      comparison.add(account, state);
    }
    done += page.length;
    progress(done, total);
  }
  const report = comparison.report();
  if (json) {
    printJson(report);
  } else {
    print(reportText(report));
  }
  return EXIT.done;
}

async function modelOrThrow({ db, mappings }: RecordContext, asked: string): Promise<Model> {
  const found = await modelFrom(db, mappings, asked);
  if (!found.ok && found.error.problems.length > 0) {
    throw new ConfigurationError(found.error.problems.map(formatProblem).join('\n'));
  }
  if (!found.ok) {
    throw new UsageError(`models diff: found ${asked}; allowed: ${found.error.why}`);
  }
  if (found.value.note !== null) {
    complain(found.value.note);
  }
  return found.value.model;
}

/** One line that is written over on a terminal; elsewhere only the end. */
function progress(done: number, total: number): void {
  const last = done >= total;
  if (process.stderr.isTTY || last) {
    const end = process.stderr.isTTY && !last ? '\r' : '\n';
    process.stderr.write(`${done} of ${total} accounts compared${end}`);
  }
}

function reportText(report: DiffReport): string {
  const { a, b, accounts, moved, rescored, same, acting, moves } = report;
  const nameOf = ({ model, version }: DiffReport['a']) => `${model}@${version}`;
  return [
    `A  ${nameOf(a)}  ${a.title}`,
    `B  ${nameOf(b)}  ${b.title}`,
    '',
    `${accounts} ${accounts === 1 ? 'account' : 'accounts'}: ${moved} ${moved === 1 ? 'changes its' : 'change their'} tier, ${rescored} only the score, ${same} nothing`,
    `if B acted: ${acting.enter} would be acted on, with one task each in every connected CRM; ${acting.leave} would leave the acting tiers`,
    '',
    table(
      ['tier', 'A', 'B', 'enter', 'leave'],
      report.tiers.map((row) => [row.tier, row.a, row.b, row.enter, row.leave]),
    ),
    '',
    matrixText(report),
    '',
    ...movesText(moves, moved),
    ...distributionText(report),
  ].join('\n');
}

function matrixText({ a, b, matrix }: DiffReport): string {
  const rows = a.tiers.map((from) => [from, ...b.tiers.map((to) => matrix[from]?.[to] ?? 0)]);
  return table(['A \\ B', ...b.tiers], rows);
}

function movesText(moves: DiffReport['moves'], moved: number): string[] {
  if (moves.length === 0) {
    return [];
  }
  const left = moved - moves.length;
  return [
    table(
      ['account', 'name', 'score', 'tier', 'main reason'],
      moves.map(({ account, name, score, tier, reason }) => [
        account,
        name,
        `${score.from} -> ${score.to}`,
        `${tier.from} -> ${tier.to}`,
        reason,
      ]),
    ),
    ...(left > 0 ? [`and ${left} more (--limit)`] : []),
    '',
  ];
}

function distributionText({ distribution }: DiffReport): string[] {
  const rows = distribution.map(({ from, to, a, b }) => [`${from} to under ${to}`, a, b]);
  return rows.length === 0 ? [] : [table(['score', 'A', 'B'], rows)];
}
