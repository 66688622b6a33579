import type { ScoreEntry, ScoreSpan } from '../read-model.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Db } from './db.ts';

interface Row {
  at: Date;
  version: string;
  value: number;
  tier: string;
  crossing: string | null;
  note: string | null;
}

/** At most so many changes of one span; the ends are exact all the same. */
const ENTRIES_MAX = 1000;

/**
 * How one account stood under one model between two instants (ms, both included): the score in force at each, as
 * stored, and every change in between. An end before the first score has none.
 */
export async function scoreSpan(
  db: Db,
  account: string,
  model: string,
  from: number | null,
  to: number,
): Promise<ScoreSpan> {
  const rows = await db.query<Row>(
    `SELECT at, version, value, tier, crossing, note FROM (
       SELECT id, at, version, value, tier, crossing, note FROM score_history
       WHERE account = $1 AND model = $2 AND at <= $3 AND ($4::timestamptz IS NULL OR at >= $4)
       ORDER BY at DESC, id DESC LIMIT $5) AS newest
     ORDER BY at, id`,
    [account, model, new Date(to), from === null ? null : new Date(from), ENTRIES_MAX],
  );
  const first = await db.query<{ at: Date | null }>(
    'SELECT min(at) AS at FROM score_history WHERE account = $1 AND model = $2',
    [account, model],
  );
  const began = first.rows[0]?.at ?? null;
  return {
    firstScored: began?.toISOString() ?? null,
    from: await scoreAt(db, account, model, from ?? began?.getTime() ?? to),
    to: await scoreAt(db, account, model, to),
    entries: rows.rows.map(({ at, ...row }): ScoreEntry => ({ at: at.toISOString(), ...row })),
  };
}

async function scoreAt(db: Db, account: string, model: string, at: number): Promise<ScoreSpan['from']> {
  const rows = await db.query<{ at: Date; evaluation: Evaluation }>(
    `SELECT at, evaluation FROM score_history WHERE account = $1 AND model = $2 AND at <= $3
     ORDER BY at DESC, id DESC LIMIT 1`,
    [account, model, new Date(at)],
  );
  const row = rows.rows[0];
  return row === undefined ? null : { since: row.at.toISOString(), evaluation: row.evaluation };
}

/** Models that this database has scored or loaded: their history can be asked for, also when they no longer run. */
export async function knownModels(db: Db): Promise<string[]> {
  const rows = await db.query<{ model: string }>('SELECT DISTINCT model FROM model_versions ORDER BY model');
  return rows.rows.map(({ model }) => model);
}
