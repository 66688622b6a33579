import { isoInstant } from '../shared/time.ts';
import { type Db, inTransaction, type Tx } from './db.ts';
import { audit } from './fold/accounts.ts';
import { LOCKS } from './locks.ts';

/** One version of a model, with the file as it was when a process first loaded it. */
export interface ModelVersion {
  model: string;
  version: string;
  title: string;
  text: string;
}

/** What acts and what only keeps scores. */
export interface Chosen {
  champion: string;
  /** Version of the champion. */
  version: string;
  shadows: string[];
}

/** One change of what acts, by whom and why. `file`: somebody edited the files without a word to us. */
export interface Publication extends Chosen {
  id: number;
  /** ISO 8601. */
  at: string;
  how: 'publish' | 'rollback' | 'file';
  author: string | null;
  reason: string | null;
  /** The publication whose state this one replaced, to which a rollback goes back; null: there was none. */
  before: number | null;
}

/** Keeps what the table does not know yet. The text of a known version stays as it was first seen. */
export async function saveVersions(
  tx: Db | Tx,
  versions: readonly ModelVersion[],
  now: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO model_versions (model, version, title, text, first_seen)
     SELECT model, version, title, text, $2 FROM json_to_recordset($1)
       AS row (model text, version text, title text, text text) ORDER BY model, version
     ON CONFLICT DO NOTHING`,
    // PostgreSQL's text holds no NUL; a YAML file cannot mean one either.
    [
      JSON.stringify(versions.map((one) => ({ ...one, text: one.text.replaceAll('\0', '') }))),
      isoInstant(now),
    ],
  );
}

/** null: the table does not know it. `version` may be the beginning of one, if only one begins so. */
export async function findVersion(db: Db | Tx, model: string, version: string): Promise<ModelVersion | null> {
  const rows = await db.query<ModelVersion>(
    `SELECT model, version, title, text FROM model_versions
     WHERE model = $1 AND starts_with(version, $2) ORDER BY version = $2 DESC LIMIT 2`,
    [model, version],
  );
  const [found, other] = rows.rows;
  return found !== undefined && (found.version === version || other === undefined) ? found : null;
}

export async function knownVersions(db: Db): Promise<(Omit<ModelVersion, 'text'> & { firstSeen: string })[]> {
  const rows = await db.query<Omit<ModelVersion, 'text'> & { first_seen: Date }>(
    'SELECT model, version, title, first_seen FROM model_versions ORDER BY model, first_seen, version',
  );
  return rows.rows.map(({ first_seen, ...row }) => ({ ...row, firstSeen: first_seen.toISOString() }));
}

/** Newest first. */
export async function listPublications(db: Db | Tx, limit: number): Promise<Publication[]> {
  const rows = await db.query<Omit<Publication, 'at'> & { at: Date }>(
    `SELECT id, at, how, author, reason, champion, version, shadows, before
     FROM publications ORDER BY id DESC LIMIT $1`,
    [limit],
  );
  return rows.rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export async function findPublication(db: Db | Tx, id: number): Promise<Publication | null> {
  const rows = await db.query<Omit<Publication, 'at'> & { at: Date }>(
    `SELECT id, at, how, author, reason, champion, version, shadows, before FROM publications WHERE id = $1`,
    [id],
  );
  const row = rows.rows[0];
  return row === undefined ? null : { ...row, at: row.at.toISOString() };
}

/** Writes one publication and its audit line. */
export async function savePublication(
  tx: Tx,
  said: Pick<Publication, 'how' | 'author' | 'reason' | 'before'> & Chosen,
  now: number,
): Promise<void> {
  const { how, author, reason, champion, version, shadows, before } = said;
  await tx.query(
    `INSERT INTO publications (at, how, author, reason, champion, version, shadows, before)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [isoInstant(now), how, author, reason, champion, version, shadows, before],
  );
  const what = { publish: 'model published', rollback: 'model rolled back', file: 'model changed by file' };
  const by = author === null ? null : { author, reason: reason ?? '' };
  await audit(tx, what[how], null, { champion, version, shadows, author, reason }, now, by);
}

/**
 * Runs `work` while nobody else notes or changes what acts: files and rows must change together, or a service that
 * looks in between would take a publication for an edit by hand.
 */
export function whilePublishing<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(db, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCKS.publishing]);
    return work(tx);
  });
}

/** What a folder of models says. */
export interface Loaded {
  versions: ModelVersion[];
  chosen: Chosen;
}

/**
 * What a process loaded: versions that are new, and a champion other than the last publication's, which somebody
 * changed by file.
 *
 * @param isCurrent whether the files still say so; asked once nobody is publishing
 */
export async function noteLoaded(
  db: Db,
  loaded: Loaded,
  isCurrent: () => boolean,
  now: number,
): Promise<void> {
  await whilePublishing(db, async (tx) => {
    await saveVersions(tx, loaded.versions, now);
    if (isCurrent()) {
      await noteChosen(tx, loaded.chosen, now);
    }
  });
}

/** The publication in force; one that nobody told us of is noted as made by file. */
export async function noteChosen(tx: Tx, chosen: Chosen, now: number): Promise<Publication> {
  const [last] = await listPublications(tx, 1);
  if (last?.champion !== chosen.champion || last.version !== chosen.version) {
    const before = last?.id ?? null;
    await savePublication(tx, { how: 'file', author: null, reason: null, before, ...chosen }, now);
  } else if (last.shadows.join() !== chosen.shadows.join()) {
    await tx.query('UPDATE publications SET shadows = $2 WHERE id = $1', [last.id, chosen.shadows]);
    await audit(tx, 'shadows changed by file', null, { from: last.shadows, to: chosen.shadows }, now);
  } else {
    return last;
  }
  return noteChosen(tx, chosen, now);
}

/** How many accounts each model has scored, by model and version. */
export async function countScored(db: Db): Promise<{ model: string; version: string; accounts: number }[]> {
  const rows = await db.query<{ model: string; version: string; accounts: number }>(
    'SELECT model, version, count(*) AS accounts FROM scores GROUP BY model, version ORDER BY model, version',
  );
  return rows.rows;
}
