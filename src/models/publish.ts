import { readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Edits, loadMappings, type Mappings } from '../mappings.ts';
import type { ConfigProblem } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import type { Db, Tx } from '../store/db.ts';
import {
  type Chosen,
  findPublication,
  findVersion,
  type Loaded,
  listPublications,
  noteChosen,
  type Publication,
  savePublication,
  saveVersions,
  whilePublishing,
} from '../store/models.ts';
import { withChoice } from './models-file.ts';

export interface PublishDeps {
  db: Db;
  /** The configuration folder: its files stay the truth, and are what changes. */
  dir: string;
  now: () => number;
}

export interface Said {
  author: string;
  reason: string;
}

/** No file was changed and nothing published. `problems`: the folder would not be sound. */
export type Refusal = { why: string; problems: ConfigProblem[] };

export interface Published extends Chosen {
  before: { champion: string; version: string };
  /** Files that were written, by name inside the folder. */
  files: string[];
  /** After a rollback whose file no longer makes the version it made: why; else null. */
  note: string | null;
}

/**
 * Makes a model of the folder the champion. The former champion becomes a shadow, so that its scores go on, unless
 * `keepShadow` is false. A champion whose file was edited can be published too: that names who and why.
 */
export function publish(
  { db, dir, now }: PublishDeps,
  model: string,
  { author, reason }: Said,
  keepShadow: boolean,
): Promise<Result<Published, Refusal>> {
  return whilePublishing(db, async (tx) => {
    const loaded = loadMappings(dir);
    if (!loaded.ok) {
      return unsound(loaded.error);
    }
    const current = loaded.value;
    const [last] = await listPublications(tx, 1);
    if (current.champion.model === model && last?.version === current.champion.version) {
      return refused(
        `${model} is the champion already, in version ${last.version} since ${last.at} (${wayOf(last)})`,
      );
    }
    const former = current.champion.model;
    const shadows = current.shadows.map((one) => one.model).filter((name) => name !== model);
    const choice = {
      champion: model,
      shadows: keepShadow && former !== model ? [...shadows, former] : shadows,
    };
    await saveVersions(tx, loadedOf(current).versions, now());
    // An edit of the champion's own file is what is published; any other that nobody told us of is noted first.
    const replaced =
      former === model && last !== undefined ? last : await noteChosen(tx, loadedOf(current).chosen, now());
    const edits = new Map([['models.yaml', withChoice(textOf(dir, 'models.yaml'), choice)]]);
    return apply(tx, dir, edits, { how: 'publish', author, reason, before: replaced.id }, replaced, now());
  });
}

/** Puts the champion before the present one back, with its file as it was then. */
export function rollback(
  { db, dir, now }: PublishDeps,
  { author, reason }: Said,
): Promise<Result<Published, Refusal>> {
  return whilePublishing(db, async (tx) => {
    const loaded = loadMappings(dir);
    const [last] = await listPublications(tx, 1);
    // A broken folder must not keep anybody from going back; but what it says cannot be noted.
    const present = loaded.ok ? await noteChosen(tx, loadedOf(loaded.value).chosen, now()) : last;
    const target = present?.before == null ? null : await findPublication(tx, present.before);
    if (present === undefined || target === null) {
      return refused('there is nothing to roll back to: no other champion was in force before');
    }
    const edits = await editsFor(tx, dir, target);
    const said = { how: 'rollback' as const, author, reason, before: target.before };
    const done = await apply(tx, dir, edits, said, present, now());
    const note = `the version was ${target.version}: signals.yaml counts in another way since`;
    return done.ok && done.value.version !== target.version ? ok({ ...done.value, note }) : done;
  });
}

/** Files that must change for what was in force at a publication. A file that only its comments tell apart stays. */
async function editsFor(tx: Tx, dir: string, target: Publication): Promise<Map<string, string>> {
  const name = `models/${target.champion}.yaml`;
  const recorded = await findVersion(tx, target.champion, target.version);
  const there = loadMappings(dir);
  const same =
    there.ok &&
    there.value.files.some(
      ({ model }) => model.model === target.champion && model.version === target.version,
    );
  const edits = new Map<string, string>();
  if (!same && recorded !== null) {
    edits.set(name, recorded.text);
  }
  const known = there.ok ? there.value.files.map(({ model }) => model.model) : target.shadows;
  const shadows = target.shadows.filter((shadow) => known.includes(shadow));
  const text = textOf(dir, 'models.yaml');
  const chosen = withChoice(text, { champion: target.champion, shadows });
  if (chosen !== text) {
    edits.set('models.yaml', chosen);
  }
  return edits;
}

/** Checks the folder as it would be, then changes rows and files: rows first, so that a file that cannot be written undoes them. */
async function apply(
  tx: Tx,
  dir: string,
  edits: Edits,
  said: Pick<Publication, 'how' | 'author' | 'reason' | 'before'>,
  { champion, version }: Chosen,
  now: number,
): Promise<Result<Published, Refusal>> {
  const next = loadMappings(dir, edits);
  if (!next.ok) {
    return unsound(next.error);
  }
  const { versions, chosen } = loadedOf(next.value);
  await saveVersions(tx, versions, now);
  await savePublication(tx, { ...said, ...chosen }, now);
  const changed = [...edits].filter(([name, text]) => textOf(dir, name) !== text);
  for (const [name, text] of changed) {
    replaceFile(join(dir, name), text);
  }
  const files = changed.map(([name]) => name);
  return ok({ ...chosen, before: { champion, version }, files, note: null });
}

/** What the table keeps of a folder. */
export function loadedOf({ champion, shadows, files }: Mappings): Loaded {
  return {
    versions: files.map(({ model: { model, version, title }, text }) => ({ model, version, title, text })),
    chosen: {
      champion: champion.model,
      version: champion.version,
      shadows: shadows.map(({ model }) => model),
    },
  };
}

function wayOf({ how, author }: Publication): string {
  return how === 'file' ? 'by file' : `${how} by ${author}`;
}

function textOf(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    return '';
  }
}

/** Whole or not at all, whoever reads meanwhile; through links, so that a link stays one. */
function replaceFile(path: string, text: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  const target = there === undefined ? path : realpathSync(path);
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}`);
  writeFileSync(draft, text, there === undefined ? {} : { mode: there.mode });
  renameSync(draft, target);
}

function unsound(problems: ConfigProblem[]): { ok: false; error: Refusal } {
  return err({ why: 'the folder would not be sound', problems });
}

function refused(why: string): { ok: false; error: Refusal } {
  return err({ why, problems: [] });
}
