import { isoInstant } from '../shared/time.ts';
import type { KnownDay } from '../sync/budget.ts';
import type { BudgetRecord } from '../sync/calls.ts';
import type { Db } from './db.ts';

/** Whose budget it is, and what is not told by the CRM. */
export interface BudgetOf {
  account: string;
  crm: string;
  reserve: number;
  rolling: boolean;
}

interface Row {
  crm: string;
  daily_max: number;
  daily_used: number;
  until: Date;
  told_at: Date;
  reserve: number;
  rolling: boolean;
}

/** The day's count in the database; an older one never replaces a newer. */
export function postgresBudgetRecord(db: Db, { account, crm, reserve, rolling }: BudgetOf): BudgetRecord {
  return {
    note: async ({ max, used, until, toldAt }) => {
      await db.query({
        name: 'note-budget',
        text: `INSERT INTO crm_budgets (account, crm, daily_max, daily_used, until, told_at, reserve, rolling)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (account) DO UPDATE SET daily_max = excluded.daily_max, daily_used = excluded.daily_used,
                 until = excluded.until, told_at = excluded.told_at, reserve = excluded.reserve, rolling = excluded.rolling
               WHERE crm_budgets.told_at <= excluded.told_at`,
        values: [account, crm, max, used, isoInstant(until), isoInstant(toldAt), reserve, rolling],
      });
    },
    read: async () => {
      const rows = await db.query<Row>({
        name: 'read-budget',
        text: 'SELECT * FROM crm_budgets WHERE account = $1',
        values: [account],
      });
      return rows.rows[0] === undefined ? null : knownDay(rows.rows[0]);
    },
  };
}

/** What each CRM last told of its day: that of the portal or org that was heard of last. */
export async function knownDays(db: Db): Promise<Map<string, KnownDay>> {
  const rows = await db.query<Row>('SELECT DISTINCT ON (crm) * FROM crm_budgets ORDER BY crm, told_at DESC');
  return new Map(rows.rows.map((row) => [row.crm, knownDay(row)]));
}

function knownDay({ daily_max, daily_used, until, told_at, reserve, rolling }: Row): KnownDay {
  const at = { until: until.getTime(), toldAt: told_at.getTime() };
  return { max: daily_max, used: daily_used, reserve, rolling, ...at };
}
