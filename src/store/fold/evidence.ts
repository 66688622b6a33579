import { hashId, type Tx } from '../db.ts';
import { LOCKS } from '../locks.ts';

/** A sign that a group account has a mail domain: a member's work mail, or a web site that somebody declared for it. */
export interface DomainEvidence {
  /** '': the web site names no company, and takes the place of one that did. */
  domain: string;
  /** The group account's key. */
  account: string;
  ref: string;
  source: EvidenceSource;
  /** When the web site was declared; of all that were declared for the account, the winner counts. */
  stamp: SiteStamp | null;
}

export type EvidenceSource = 'mail' | 'website' | 'domain';

export interface SiteStamp {
  /** false: only `set_once`; counts while nothing was set, and then the earliest. */
  isSet: boolean;
  declared: boolean;
  at: number;
  tie: string;
}

interface EvidenceRow {
  domain: string;
  account: string;
  person: string;
  source: EvidenceSource;
  is_set: boolean | null;
  declared: boolean | null;
  at: number | null;
  tie: string | null;
}

/** What changes in what some people testify. */
export interface EvidenceChange {
  gone: EvidenceRow[];
  added: EvidenceRow[];
  /** Web sites that the change is about, with those in force before it. */
  sites: Site[];
  before: (string | null)[];
}

/**
 * Finds out what changes when `evidence` replaces what `refs` testified. Locks the web sites it is about: to be called
 * before domains are locked, so that workers queue up and do not wait for each other in a circle.
 */
export async function changeOfEvidence(
  tx: Tx,
  refs: readonly string[],
  evidence: readonly DomainEvidence[],
): Promise<EvidenceChange> {
  const known = await tx.query<EvidenceRow>({
    name: 'fold-evidence',
    text: `SELECT domain, account, person, source, is_set, declared, at, tie FROM domain_evidence
           WHERE person = ANY($1::uuid[])`,
    values: [refs.map(hashId)],
  });
  const wanted = new Map(evidence.map(toRow).map((row) => [rowKey(row), row]));
  const gone = known.rows.filter((row) => !wanted.delete(rowKey(row)));
  const added = [...wanted.values()];
  const sites = await lockSites(tx, [...gone, ...added]);
  return { gone, added, sites, before: await sitesInForce(tx, sites) };
}

/** The domains that the change is likely to be about. */
export function domainsIn({ gone, added, before }: EvidenceChange): string[] {
  return namesOnly([...gone, ...added].map(({ domain }) => domain).concat(before.map((site) => site ?? '')));
}

/** Writes the change; gives the domains that an account may have gained or lost by it. */
export async function applyEvidence(tx: Tx, change: EvidenceChange): Promise<string[]> {
  const { gone, added, sites, before } = change;
  await deleteEvidence(tx, gone);
  await insertEvidence(tx, added);
  const after = await sitesInForce(tx, sites);
  const mail = [...gone, ...added].filter(({ source }) => source === 'mail').map(({ domain }) => domain);
  const moved = sites.flatMap((_, i) => (before[i] === after[i] ? [] : [before[i] ?? '', after[i] ?? '']));
  return namesOnly([...mail, ...moved]);
}

function namesOnly(domains: readonly string[]): string[] {
  return [...new Set(domains)].filter((domain) => domain !== '');
}

function toRow({ domain, account, ref, source, stamp }: DomainEvidence): EvidenceRow {
  return {
    domain,
    account: hashId(account),
    person: hashId(ref),
    source,
    is_set: stamp?.isSet ?? null,
    declared: stamp?.declared ?? null,
    at: stamp?.at ?? null,
    tie: stamp?.tie ?? null,
  };
}

function rowKey(row: EvidenceRow): string {
  const { domain, account, person, source, is_set, declared, at, tie } = row;
  return JSON.stringify([domain, account, person, source, is_set, declared, at, tie]);
}

interface Site {
  account: string;
  source: EvidenceSource;
}

/**
 * The web sites that `rows` are about. Their accounts are locked: which site is in force depends on what all members
 * declared, also those that another worker is folding.
 */
async function lockSites(tx: Tx, rows: readonly EvidenceRow[]): Promise<Site[]> {
  const sites = new Map(
    rows
      .filter(({ source }) => source !== 'mail')
      .map(({ account, source }) => [`${account} ${source}`, { account, source }]),
  );
  const accounts = [...new Set([...sites.values()].map(({ account }) => account))];
  if (accounts.length > 0) {
    // A thousand locks for all accounts: the server's table of locks is small.
    await tx.query(
      `SELECT pg_advisory_xact_lock($1, bucket) FROM (
         SELECT DISTINCT hashtext(account) & 1023 AS bucket FROM unnest($2::text[]) AS account ORDER BY 1
       ) AS buckets`,
      [LOCKS.sites, accounts],
    );
  }
  return [...sites.values()];
}

async function sitesInForce(tx: Tx, sites: readonly Site[]): Promise<(string | null)[]> {
  if (sites.length === 0) {
    return [];
  }
  const rows = await tx.query<{ domain: string | null }>({
    name: 'fold-sites',
    text: `SELECT site_in_force(account, source) AS domain
           FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS site (account, source, place) ORDER BY place`,
    values: [sites.map(({ account }) => account), sites.map(({ source }) => source)],
  });
  return rows.rows.map(({ domain }) => domain);
}

async function deleteEvidence(tx: Tx, rows: readonly EvidenceRow[]): Promise<void> {
  if (rows.length > 0) {
    await tx.query(
      `DELETE FROM domain_evidence e
       USING unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[]) AS gone (domain, account, person, source)
       WHERE e.domain = gone.domain AND e.account = gone.account AND e.person = gone.person AND e.source = gone.source`,
      columns(rows).slice(0, 4),
    );
  }
}

async function insertEvidence(tx: Tx, rows: readonly EvidenceRow[]): Promise<void> {
  if (rows.length > 0) {
    await tx.query(
      `INSERT INTO domain_evidence (domain, account, person, source, is_set, declared, at, tie)
       SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::boolean[], $6::boolean[],
         $7::bigint[], $8::text[]) ON CONFLICT DO NOTHING`,
      columns(rows),
    );
  }
}

function columns(rows: readonly EvidenceRow[]): unknown[][] {
  const names = ['domain', 'account', 'person', 'source', 'is_set', 'declared', 'at', 'tie'] as const;
  return names.map((name) => rows.map((row) => row[name]));
}
