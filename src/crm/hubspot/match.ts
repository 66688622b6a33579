import type { AccountChange, How, PersonChange } from '../../sync/crm.ts';
import type { CrmRecord } from './reply.ts';

/** Which record of the portal is meant by a change that has no link yet. Pure. */
export type Match =
  | { kind: 'found'; record: CrmRecord; how: How; note?: string }
  /** Every candidate already belongs to another account of ours. */
  | { kind: 'taken'; record: CrmRecord; by: string }
  /** Several match equally well, and the mapping says that none is to be chosen. */
  | { kind: 'several'; records: CrmRecord[] }
  | { kind: 'none' };

/**
 * HubSpot keeps no domain unique: among several companies the oldest wins, the smaller id on a tie, so that every
 * run picks the same one. A company that carries another account's key is left alone, unless that key is the domain
 * itself: then it is this account's own earlier form, before its group was known.
 */
export function pickCompany(
  change: Pick<AccountChange, 'key' | 'domain'>,
  candidates: CrmRecord[],
  keyProperty: string,
  several: 'oldest' | 'refuse' = 'oldest',
): Match {
  const owner = (record: CrmRecord) => record.properties[keyProperty] ?? '';
  const sorted = [...candidates].sort(byAge);
  const free = sorted.filter((record) => ['', change.key, change.domain].includes(owner(record)));
  const [record] = free;
  if (record === undefined) {
    const [other] = sorted;
    return other === undefined ? { kind: 'none' } : { kind: 'taken', record: other, by: owner(other) };
  }
  const own = free.find((one) => owner(one) === change.key);
  if (several === 'refuse' && free.length > 1 && own === undefined) {
    return { kind: 'several', records: free };
  }
  return candidates.length === 1
    ? { kind: 'found', how: 'domain', record }
    : {
        kind: 'found',
        how: 'domain',
        record,
        note: `${candidates.length} companies have this domain; took the oldest free one`,
      };
}

export function hasDomain(record: CrmRecord, domain: string): boolean {
  const { domain: primary, hs_additional_domains: others } = record.properties;
  return [primary ?? '', ...(others ?? '').split(';')].some((one) => one.trim().toLowerCase() === domain);
}

/** A contact answers to its e-mail address and to every additional one. */
export function pickContact(change: Pick<PersonChange, 'email'>, contacts: CrmRecord[]): CrmRecord | null {
  const wanted = change.email?.toLowerCase();
  const found = contacts.find(({ properties: { email, hs_additional_emails: others } }) =>
    [email ?? '', ...(others ?? '').split(';')].some((one) => one.trim().toLowerCase() === wanted),
  );
  return wanted === undefined ? null : (found ?? null);
}

function byAge(a: CrmRecord, b: CrmRecord): number {
  return createdAt(a) - createdAt(b) || a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
}

/** ISO text or milliseconds as text; a record that does not say counts as the youngest. */
function createdAt(record: CrmRecord): number {
  const text = record.properties.createdate ?? '';
  const at = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
}
