import type { Json } from '../shared/json.ts';
import { textOf } from './coerce.ts';
import type { CompanyKinds } from './company-kind.ts';
import { asciiHost, registrableDomain } from './domains.ts';
import type { Facts } from './fact-rules.ts';
import type { CompanyKind } from './facts-config.ts';
import { remembering } from './remembering.ts';
import type { AccountState } from './state.ts';
import { traitValue } from './traits.ts';

/** A host, or a web site, as far as facts go. */
export interface Site {
  /** As registered: mail.acme.co.uk is acme.co.uk. */
  domain: string | null;
  kind: CompanyKind;
  /** Whether its mail names a company. */
  work: boolean;
}
export type SiteReader = (text: string) => Site | null;

/** Each host is looked up once, for all who have it. */
export function siteReader(kinds: CompanyKinds): SiteReader {
  return remembering((text) => {
    const host = asciiHost(text);
    return host === null
      ? null
      : {
          domain: registrableDomain(host),
          kind: kinds.kindOf(host),
          work: kinds.domainList.kind(host) === 'work',
        };
  });
}

/** Its `domain` or `website`, else the one work-mail domain that its people have. */
export function domainOf(sites: SiteReader, said: Facts, mail: readonly Site[]): string | null {
  const declared = siteOf(said, sites);
  if (declared !== null) {
    return declared;
  }
  const domains = new Set(mail.flatMap(({ domain, work }) => (work && domain !== null ? [domain] : [])));
  const [only] = domains;
  return only !== undefined && domains.size === 1 ? only : null;
}

/** The domain that `domain` or `website` names. */
export function siteOf({ domain, website }: Facts, sites: SiteReader): string | null {
  const read = (site: Json | undefined) => sites(textOf(site) ?? '')?.domain ?? null;
  return read(domain) ?? read(website);
}

/** The sites of its people's addresses. */
export function mailSites(state: AccountState, sites: SiteReader): Site[] {
  return state.parts.flatMap(({ person, traits }) => {
    const site = person === null ? null : mailSite(traitValue(traits.email), sites);
    return site === null ? [] : [site];
  });
}

/** The site of an e-mail address; null: it is none. */
export function mailSite(email: Json | undefined, sites: SiteReader): Site | null {
  const text = textOf(email) ?? '';
  const at = text.lastIndexOf('@');
  return at < 1 ? null : sites(text.slice(at + 1));
}
