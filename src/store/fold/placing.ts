import { type DomainList, emailDomain, registrableDomain } from '../../accounts/domains.ts';
import { idOf } from '../../accounts/identity.ts';
import { FALLBACK, type PersonRecord } from '../../accounts/person.ts';
import type { TraitSlot } from '../../accounts/state.ts';
import { traitValue } from '../../accounts/views.ts';
import type { DomainEvidence } from './domains.ts';
import type { PlacedPart, Via } from './records.ts';

/** Where a person's events go that no account was ever named for. */
export interface Fallback {
  key: string;
  via: Via;
  domain: string | null;
}

/** The domain of the person's work mail; null for free, disposable and missing mail. */
export function domainOf(record: PersonRecord, list: DomainList): string | null {
  const email = textOf(record.traits.email);
  return email === null ? null : workOnly(emailDomain(email), list);
}

/** The account of events that name none: the group that has the mail domain, the domain's own, or a personal one. */
export function fallbackOf(
  record: PersonRecord,
  owners: ReadonlyMap<string, string | null>,
  list: DomainList,
): Fallback {
  const domain = domainOf(record, list);
  if (domain === null) {
    return { key: `person:${idOf(record.ref)}`, via: 'personal', domain: null };
  }
  return { key: owners.get(domain) ?? domain, via: 'domain', domain };
}

/** Where each part of a person stands. All parts carry the person's traits. */
export function placeParts(record: PersonRecord, fallback: Fallback): PlacedPart[] {
  return [...record.parts].map(([account, part]) => {
    const place: Fallback = account === FALLBACK ? fallback : { key: account, via: 'group', domain: null };
    return { ref: record.ref, ...place, part: { ...part, traits: record.traits } };
  });
}

/** What this person's parts say about which group accounts have which mail domains. */
export function evidenceOf(record: PersonRecord, list: DomainList): DomainEvidence[] {
  const mail = domainOf(record, list);
  return [...record.parts].flatMap(([account, part]) => {
    if (account === FALLBACK) {
      return [];
    }
    const sites = [part.accountTraits.website, part.accountTraits.domain].map((slot) =>
      siteDomain(slot, list),
    );
    const domains = new Set([mail, ...sites].filter((domain) => domain !== null));
    return [...domains].map((domain) => ({ domain, account, ref: record.ref }));
  });
}

function siteDomain(slot: TraitSlot | undefined, list: DomainList): string | null {
  const site = textOf(slot);
  return site === null ? null : workOnly(registrableDomain(site), list);
}

function workOnly(domain: string | null, list: DomainList): string | null {
  return domain !== null && list.kind(domain) === 'work' ? domain : null;
}

function textOf(slot: TraitSlot | undefined): string | null {
  const value = slot === undefined ? null : traitValue(slot);
  return typeof value === 'string' ? value : null;
}
