import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadMappings, type Mappings } from '../mappings.ts';
import { type ConfigProblem, formatProblem } from '../shared/config-file.ts';
import { unreadable } from '../shared/config-text.ts';
import type { Logger } from '../shared/log.ts';
import { err, type Result } from '../shared/result.ts';
import { isoInstant } from '../shared/time.ts';

/** Newer files that are not in force, because they are broken. */
export interface Refused {
  since: string;
  problems: ConfigProblem[];
}

export interface ReloadOptions {
  dir: string;
  /** What was loaded at the start. */
  mappings: Mappings;
  /** The folder's fingerprint before that: a start takes seconds, in which somebody may edit. */
  loadedFrom: string;
  /** How often the folder is looked at, in ms; null: never by itself. */
  every: number | null;
  logger: Logger;
  realNow: () => number;
  /** What else must fit, such as the CRMs' schemas; nothing is in force yet. Gives what does not. */
  prepare: (next: Mappings) => Promise<Result<() => void, ConfigProblem[]>>;
  /** Leaves word of a refusal, or takes it back, for those who look from elsewhere. Called at every look while refused. */
  report: (refused: Refused | null) => Promise<void>;
  /** Leaves word of what is in force now. Called after each change. */
  taken: () => Promise<void>;
}

export interface Reload {
  /** The last good configuration. Whoever works in batches asks once for each. */
  current(): Mappings;
  refused(): Refused | null;
  /** Looks now, without waiting for files to stand still. */
  now(): Promise<'unchanged' | 'taken' | 'refused'>;
  close(): Promise<void>;
}

/**
 * Keeps the configuration in force in step with its folder (I11): a good change takes over, a broken one is refused
 * with its problems in the log, and the last good one goes on. By itself it takes a change only when two looks in a
 * row found the same: somebody may be in the middle of writing several files.
 */
export function startReload(options: ReloadOptions): Reload {
  const { logger, every } = options;
  const state: State = { current: options.mappings, inForce: options.loadedFrom, seen: null, refused: null };
  let looking: Promise<unknown> = Promise.resolve();
  const look = (patient: boolean) => {
    const done = looking.then(() => lookOnce(options, state, patient));
    looking = done.catch((error: Error) =>
      logger.warn({ reason: error.message }, 'configuration not looked at'),
    );
    return done;
  };
  const timer = every === null ? null : setInterval(() => void look(true).catch(() => {}), every);
  timer?.unref();
  return {
    current: () => state.current,
    refused: () => state.refused,
    now: () => look(false),
    close: async () => {
      clearInterval(timer ?? undefined);
      await looking;
      await (state.refused === null ? undefined : options.report(null).catch(() => {}));
    },
  };
}

interface State {
  current: Mappings;
  /** Fingerprint of the folder that `current` came from. */
  inForce: string;
  /** Fingerprint at the last look. */
  seen: string | null;
  refused: (Refused & { fingerprint: string }) | null;
}

async function lookOnce(
  options: ReloadOptions,
  state: State,
  patient: boolean,
): Promise<'unchanged' | 'taken' | 'refused'> {
  const { dir, report } = options;
  const found = fingerprint(dir);
  const moving = patient && found !== state.seen;
  state.seen = found;
  if (found === state.inForce) {
    await (state.refused === null ? undefined : accept(options, state, found));
    return 'unchanged';
  }
  if (moving || (patient && found === state.refused?.fingerprint)) {
    await (state.refused === null ? undefined : report(state.refused).catch(() => {}));
    return state.refused === null ? 'unchanged' : 'refused';
  }
  const next = load(dir);
  const ready = next.ok ? await options.prepare(next.value) : next;
  if (!next.ok || !ready.ok) {
    await refuse(options, state, found, ready.ok ? [] : ready.error);
    return 'refused';
  }
  state.current = next.value;
  ready.value();
  await accept(options, state, found);
  await options.taken().catch(() => {});
  const { model, version } = next.value.champion;
  options.logger.info({ model, version }, 'configuration reloaded');
  return 'taken';
}

async function accept({ report }: ReloadOptions, state: State, found: string): Promise<void> {
  state.inForce = found;
  if (state.refused !== null) {
    state.refused = null;
    await report(null).catch(() => {});
  }
}

async function refuse(
  { logger, realNow, report }: ReloadOptions,
  state: State,
  found: string,
  problems: ConfigProblem[],
): Promise<void> {
  const since = state.refused?.since ?? isoInstant(realNow());
  state.refused = { since, problems, fingerprint: found };
  for (const problem of problems) {
    logger.error({ problem: formatProblem(problem) }, 'configuration refused; the last good one goes on');
  }
  await report(state.refused).catch(() => {});
}

/** A folder that cannot be read is a problem like any other. */
function load(dir: string): Result<Mappings, ConfigProblem[]> {
  try {
    return loadMappings(dir);
  } catch (error) {
    const found = (error as Error).message;
    return err([{ file: dir, line: 1, path: '', found, allowed: 'a folder whose files can be read' }]);
  }
}

/** Larger files, such as tables of facts, are told apart by their size and time. */
const READ_MAX = 1_000_000;

/** Changes whenever a file of the folder does. Tests of models and hidden files decide nothing here. */
export function fingerprint(dir: string): string {
  const hash = createHash('sha256');
  for (const name of filesOf(dir)) {
    hash.update(`${name}\0${contentOf(join(dir, name))}\0`);
  }
  return hash.digest('hex');
}

/** What stands in each file of the folder, as a hash. */
export function digestsOf(dir: string): Record<string, string> {
  const digest = (name: string) =>
    createHash('sha256')
      .update(contentOf(join(dir, name)))
      .digest('hex')
      .slice(0, 12);
  return Object.fromEntries(filesOf(dir).map((name) => [name, digest(name)]));
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/(^|[\\/])\./.test(name) && !name.endsWith('.test.yaml'))
      .sort();
  } catch {
    return [];
  }
}

function contentOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    const wrong = unreadable(path); // opening a pipe would wait, and the service with it
    if (wrong !== null) {
      return wrong;
    }
    return size > READ_MAX ? `${size} ${mtimeMs}` : readFileSync(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
