import type { Pool, QueryResult } from 'pg';
import { type IRateLimiterPostgresOptions, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/** `left`: milliseconds until the window ends. */
interface Row {
  points: number;
  left: number;
}

const NOW = '(extract(epoch FROM statement_timestamp()) * 1000)::bigint';

/**
 * The library's windows on PostgreSQL, by the clock of the database. The library itself takes each process's own: after a
 * worker whose clock is minutes ahead every other one would wait these minutes for its windows to end, and one whose
 * clock is behind would find every window to be over. Redis keeps time itself.
 *
 * What is overridden is what the library wants each of its stores to have; its version is pinned, and
 * `test/contract/budget.test.ts` holds both stores to the same.
 */
export class DatabaseClockLimiter extends RateLimiterPostgres {
  private readonly db: Pool;

  constructor(options: IRateLimiterPostgresOptions & { storeClient: Pool }) {
    super(options);
    this.db = options.storeClient;
  }

  /** @param anew a new window with just these points, whatever there was */
  _upsert(key: string, points: number, ms: number, anew = false): Promise<QueryResult<Row>> {
    return this.db.query<Row>({
      name: 'rate-limits-upsert',
      text: `INSERT INTO rate_limits AS old (key, points, expire) VALUES ($1, $2, ${NOW} + $3)
             ON CONFLICT (key) DO UPDATE SET
               points = CASE WHEN $4 OR old.expire <= ${NOW} THEN $2 ELSE old.points + $2 END,
               expire = CASE WHEN $4 OR old.expire <= ${NOW} THEN ${NOW} + $3 ELSE old.expire END
             RETURNING points, (expire - ${NOW})::float8 AS left`,
      values: [key, points, ms, anew],
    });
  }

  /** null: no window is open. */
  async _get(key: string): Promise<QueryResult<Row> | null> {
    const found = await this.db.query<Row>({
      name: 'rate-limits-get',
      text: `SELECT points, (expire - ${NOW})::float8 AS left FROM rate_limits WHERE key = $1 AND expire > ${NOW}`,
      values: [key],
    });
    return found.rowCount === 0 ? null : found;
  }

  _getRateLimiterRes(_key: string, changed: number, { rows }: QueryResult<Row>): RateLimiterRes {
    const { points: consumed = changed, left = 0 } = rows[0] ?? {};
    const remaining = Math.max(0, this.points - consumed);
    return new RateLimiterRes(remaining, Math.max(0, left), consumed, consumed === changed);
  }
}
