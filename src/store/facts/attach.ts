import { type DealOfAccount, dealFacts } from '../../accounts/deal-facts.ts';
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
  const ids = [...states.keys()];
  const csv = await csvFacts(db, states, lookup);
  const crm = withDeals(await crmFacts(db, ids), await dealsOf(db, ids));
  const people = await personFacts(db, ids);
  for (const [id, state] of states) {
    const [fromCsv, fromCrm, ofPeople] = [csv.get(id), crm.get(id), people.get(id)];
    if ((fromCsv ?? fromCrm ?? ofPeople) !== undefined) {
      state.facts = {
        ...(fromCsv === undefined ? {} : { csv: fromCsv }),
        ...(fromCrm === undefined ? {} : { crm: fromCrm }),
        ...(ofPeople === undefined ? {} : { people: ofPeople }),
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

/** What a CRM's field says of a customer and what won deals say count together. */
function withDeals(
  fields: ReadonlyMap<string, Facts>,
  deals: ReadonlyMap<string, Facts>,
): Map<string, Facts> {
  const all = new Map(fields);
  for (const [account, facts] of deals) {
    all.set(account, {
      ...facts,
      ...fields.get(account),
      ...(facts.crm_customer === true ? { crm_customer: true } : {}),
    });
  }
  return all;
}

type DealRow = { account: string; state: DealOfAccount['state'] | null } & Omit<DealOfAccount, 'state'>;

/** Of linked accounts, where all deals of the connection were read; an account without a deal is among them. */
async function dealsOf(db: Db | Tx, ids: readonly string[]): Promise<Map<string, Facts>> {
  const rows = await db.query<DealRow>({
    name: 'facts-deals',
    text: `SELECT r.account, d.state, d.stage, d.amount, d.currency, d.home_amount AS "homeAmount",
             (extract(epoch FROM d.closes_at) * 1000)::bigint AS "closesAt",
             (extract(epoch FROM d.modified_at) * 1000)::bigint AS "modifiedAt"
           FROM crm_records r JOIN connections USING (connection)
           JOIN crm_feeds f ON f.connection = r.connection AND f.feed = 'deals' AND f.filled_at IS NOT NULL
           LEFT JOIN crm_deals d ON d.connection = r.connection AND d.account_crm_id = r.crm_id AND NOT d.deleted
           WHERE r.account = ANY($1::uuid[]) AND r.object = 'account' AND r.crm_id <> ''
           ORDER BY r.account, d.connection, d.crm_id`,
    values: [ids],
  });
  const isDeal = (row: DealRow): row is DealRow & DealOfAccount => row.state !== null;
  const byAccount = Map.groupBy(rows.rows, ({ account }) => account);
  return new Map([...byAccount].map(([account, deals]) => [account, dealFacts(deals.filter(isDeal))]));
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

/** The same of people, by account and ref. */
async function personFacts(db: Db | Tx, ids: readonly string[]): Promise<Map<string, Record<string, Facts>>> {
  const rows = await db.query<{ account: string; ref: string; facts: Facts }>({
    name: 'facts-people',
    text: `SELECT account, ref, facts FROM crm_records JOIN connections USING (connection)
           WHERE account = ANY($1::uuid[]) AND object = 'person' AND facts <> '{}' ORDER BY crm DESC`,
    values: [ids],
  });
  const byAccount = new Map<string, Record<string, Facts>>();
  for (const { account, ref, facts } of rows.rows) {
    const people = byAccount.get(account) ?? {};
    people[ref] = { ...people[ref], ...facts };
    byAccount.set(account, people);
  }
  return byAccount;
}

function merged(rows: readonly { account: string; facts: Facts }[]): Map<string, Facts> {
  const byAccount = new Map<string, Facts>();
  for (const { account, facts } of rows) {
    byAccount.set(account, { ...byAccount.get(account), ...facts });
  }
  return byAccount;
}
