import type { FactReader, Facts } from '../../accounts/facts.ts';
import type { AccountState } from '../../accounts/state.ts';
import { type Db, hashId, type Tx } from '../db.ts';

/** What finds the facts of an account. */
export interface FactLookup {
  /** Ids of the CSV files in force, the most preferred first. */
  sources: readonly string[];
  reader: FactReader;
}

/** The key of a row that names its company by domain. */
export function domainKey(domain: string): string {
  return hashId(`domain:${domain}`);
}

/** Gives states, by account id, what CRMs and CSV files say. A row that came before its account counts from the start. */
export async function attachFacts(
  db: Db | Tx,
  states: ReadonlyMap<string, AccountState>,
  lookup: FactLookup,
): Promise<void> {
  const [csv, crm] = [await csvFacts(db, states, lookup), await crmFacts(db, [...states.keys()])];
  for (const [id, state] of states) {
    const [fromCsv, fromCrm] = [csv.get(id), crm.get(id)];
    if (fromCsv !== undefined || fromCrm !== undefined) {
      state.facts = {
        ...(fromCsv === undefined ? {} : { csv: fromCsv }),
        ...(fromCrm === undefined ? {} : { crm: fromCrm }),
      };
    }
  }
}

interface FactRecord {
  account: string;
  key: string;
  source: string;
  facts: Facts;
}

/**
 * Per trait the first source that says it. Within one source an account's own key beats its domain and a key that it
 * had before.
 */
async function csvFacts(
  db: Db | Tx,
  states: ReadonlyMap<string, AccountState>,
  { sources, reader }: FactLookup,
): Promise<Map<string, Facts>> {
  if (sources.length === 0) {
    return new Map();
  }
  const ids = [...states.keys()];
  const byDomain = [...states].flatMap(([id, state]) => {
    const domain = reader.domainOf(state);
    return domain === null ? [] : [{ id, key: domainKey(domain) }];
  });
  const rows = await db.query<FactRecord>({
    name: 'facts-csv',
    text: `SELECT wanted.account, fact_rows.key, source, facts FROM (
             SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS row (account, key)
             UNION ALL SELECT account, id FROM former_keys WHERE account = ANY($3::uuid[])
           ) AS wanted JOIN fact_rows ON fact_rows.key = wanted.key AND source = ANY($4::text[])`,
    values: [
      [...ids, ...byDomain.map(({ id }) => id)],
      [...ids, ...byDomain.map(({ key }) => key)],
      ids,
      sources,
    ],
  });
  const rank = ({ source, account, key }: FactRecord) =>
    `${String(sources.indexOf(source)).padStart(4, '0')} ${account === key ? 0 : 1} ${key}`;
  // The least preferred first: whoever comes later overwrites.
  const ordered = rows.rows.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
  return merged(ordered);
}

/** HubSpot before Salesforce. Links of another portal or org than the present one say nothing. */
async function crmFacts(db: Db | Tx, ids: readonly string[]): Promise<Map<string, Facts>> {
  const rows = await db.query<{ account: string; facts: Facts }>({
    name: 'facts-crm',
    text: `SELECT account, facts FROM crm_records JOIN connections USING (connection)
           WHERE account = ANY($1::uuid[]) AND object = 'account' AND facts IS NOT NULL ORDER BY crm DESC`,
    values: [ids],
  });
  return merged(rows.rows);
}

function merged(rows: readonly { account: string; facts: Facts }[]): Map<string, Facts> {
  const byAccount = new Map<string, Facts>();
  for (const { account, facts } of rows) {
    byAccount.set(account, { ...byAccount.get(account), ...facts });
  }
  return byAccount;
}
