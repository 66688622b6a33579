import { type AccountRules, companyOfSite } from '../../accounts/account-rules.ts';
import { mailKind, workDomain } from '../../accounts/domains.ts';
import { idOf } from '../../accounts/identity.ts';
import { ALONE, FALLBACK, isAccount } from '../../accounts/memberships.ts';
import type { PersonRecord } from '../../accounts/person.ts';
import type { TraitSlot } from '../../accounts/state.ts';
import { traitValue } from '../../accounts/views.ts';
import type { Unassigned } from '../../read-model/unassigned.ts';
import type { DomainEvidence } from './evidence.ts';
import type { PlacedPart } from './part-rows.ts';
import type { Via } from './records.ts';

/** Where a part belongs, before an operator's merges. */
export interface Place {
  key: string;
  via: Via;
  domain: string | null;
  /** Why nothing named a company; null: something did. */
  why: Unassigned | null;
}

/** The company domain of the person's work mail; null for other and missing mail. */
export function domainOf(record: PersonRecord, rules: AccountRules): string | null {
  const email = emailOf(record);
  return email === null ? null : workDomain(email, rules);
}

/** The account of events that name none: the group that has the mail domain, the domain's own, or a personal one. */
export function fallbackOf(
  record: PersonRecord,
  owners: ReadonlyMap<string, string | null>,
  rules: AccountRules,
): Place {
  const domain = domainOf(record, rules);
  return domain === null
    ? personal(record, 'personal', whyPersonal(record, rules))
    : { key: owners.get(domain) ?? domain, via: 'domain', domain, why: null };
}

function personal({ ref }: PersonRecord, via: Via, why: Unassigned): Place {
  return { key: `person:${idOf(ref)}`, via, domain: null, why };
}

function whyPersonal(record: PersonRecord, rules: AccountRules): Unassigned {
  const email = emailOf(record);
  switch (email === null ? null : mailKind(email, rules)) {
    case 'free':
      return 'free_mail';
    case 'disposable':
      return 'disposable_mail';
    case 'own':
      return 'own_mail';
    default:
      return record.ref.startsWith('a:') ? 'never_identified' : 'no_mail';
  }
}

/**
 * Where each part of a person stands. All parts carry the person's traits.
 *
 * @param root the account into which an operator merged the one of a key; the key itself when nobody did
 */
export function placeParts(
  record: PersonRecord,
  fallback: Place,
  root: (key: string) => string,
): PlacedPart[] {
  return [...record.parts].map(([slot, part]) => {
    const { key, ...place } = placeOf(record, slot, fallback);
    const into = root(key);
    return {
      ref: record.ref,
      key: into,
      home: into === key ? '' : key,
      ...place,
      part: { ...part, traits: record.traits },
    };
  });
}

function placeOf(record: PersonRecord, slot: string, fallback: Place): Place {
  switch (slot) {
    case FALLBACK:
      return fallback;
    case ALONE:
      return personal(record, 'left', 'removed');
    default:
      return { key: slot, via: 'group', domain: null, why: null };
  }
}

/**
 * What this person's parts say about which group accounts have which mail domains: a member's work mail, and the
 * web sites that their events declared. Mail of somebody who was removed from an account says nothing about it.
 */
export function evidenceOf(record: PersonRecord, rules: AccountRules): DomainEvidence[] {
  const { ref } = record;
  const mail = domainOf(record, rules);
  const left = record.facts.left ?? [];
  return [...record.parts].flatMap(([account, { accountTraits }]) => {
    if (!isAccount(account)) {
      return [];
    }
    const sites = (['website', 'domain'] as const).flatMap((source): DomainEvidence[] => {
      const said = siteOf(accountTraits[source], rules);
      return said === null ? [] : [{ ...said, account, ref, source }];
    });
    const isMember = mail !== null && !left.includes(account);
    return isMember ? [...sites, { domain: mail, account, ref, source: 'mail', stamp: null }] : sites;
  });
}

function siteOf(
  slot: TraitSlot | undefined,
  rules: AccountRules,
): Pick<DomainEvidence, 'domain' | 'stamp'> | null {
  const said = slot?.set ?? slot?.once;
  if (said === undefined) {
    return null;
  }
  const domain = typeof said.value === 'string' ? companyOfSite(rules, said.value) : null;
  return { domain: domain ?? '', stamp: { isSet: slot?.set !== undefined, ...said.stamp } };
}

function emailOf({ traits }: PersonRecord): string | null {
  const value = traits.email === undefined ? null : traitValue(traits.email);
  return typeof value === 'string' ? value : null;
}
