import { type PublishDeps, type Published, publish, type Refusal, rollback } from '../../models/publish.ts';
import { didYouMean, formatProblem } from '../../shared/config-file.ts';
import type { Result } from '../../shared/result.ts';
import { byWithReason } from '../author.ts';
import {
  ConfigurationError,
  complain,
  EXIT,
  type Options,
  print,
  printJson,
  UsageError,
} from '../command.ts';
import type { DatabaseContext, RecordContext } from '../context.ts';

/** `pql models publish MODEL --reason R`. */
export async function publishModel(
  { db, config, mappings }: RecordContext,
  name: string | undefined,
  options: Options,
  json: boolean,
): Promise<number> {
  const known = mappings.files.map(({ model }) => model.model);
  if (name === undefined || !known.includes(name)) {
    const nearest = didYouMean(name ?? '', known);
    throw new UsageError(
      `models publish: found ${name ?? 'nothing'}; allowed: ${known.join(', ')}${nearest}`,
    );
  }
  const done = await publish(
    depsOf(db, config.MAPPINGS_DIR),
    name,
    saidBy(options),
    options['no-shadow'] !== true,
  );
  return tell(done, 'published', json);
}

/** `pql models rollback --reason R`. A broken folder is no hindrance: it may be what has to be undone. */
export async function rollbackModel(
  { db, config }: DatabaseContext,
  options: Options,
  json: boolean,
): Promise<number> {
  const done = await rollback(depsOf(db, config.MAPPINGS_DIR), saidBy(options));
  return tell(done, 'rolled back', json);
}

function depsOf(db: PublishDeps['db'], dir: string): PublishDeps {
  return { db, dir, now: () => Date.now() };
}

function saidBy(options: Options): { author: string; reason: string } {
  const { author, reason } = byWithReason(options, 'why, in a sentence for whoever reads the log later');
  return { author, reason: reason.trim() };
}

function tell(done: Result<Published, Refusal>, verb: string, json: boolean): number {
  if (!done.ok && done.error.problems.length > 0) {
    const problems = done.error.problems.map(formatProblem).join('\n  ');
    throw new ConfigurationError(`${done.error.why}; nothing was changed:\n  ${problems}`);
  }
  if (!done.ok) {
    complain(done.error.why);
    return EXIT.failed;
  }
  if (json) {
    printJson(done.value);
    return EXIT.done;
  }
  const { champion, version, shadows, before, files, note } = done.value;
  print(
    [
      `${verb}: ${champion} ${version} acts now, before ${before.champion} ${before.version}`,
      `shadows: ${shadows.length === 0 ? 'none' : shadows.join(', ')}`,
      `written: ${files.length === 0 ? 'no file had to change' : `${files.join(', ')} (commit them)`}`,
      ...(note === null ? [] : [note]),
      'a running service takes it over within seconds and scores every account again, without acting',
    ].join('\n'),
  );
  return EXIT.done;
}
