import { domainToASCII } from 'node:url';
import { getDomain, getHostname } from 'tldts';

/** Work mail names a company. Free and disposable mail never does, nor does the mail of the operator's own staff. */
export type DomainKind = 'work' | 'free' | 'disposable' | 'own';

/** The maintained lists, loaded at the edge. A sub-domain is of the kind of its parent, unless listed itself. */
export interface DomainList {
  kind(host: string): DomainKind;
}

/** What is needed to read a company's domain from a mail address. */
export interface MailRules extends DomainList {
  /** The domain that stands for all domains of one company. */
  companyDomain(domain: string): string;
}

/**
 * The company's domain that a work-mail address names; null for other mail and for nonsense.
 * The whole host is asked for, since some providers give mail only below a domain that is not theirs to list.
 */
export function workDomain(email: string, rules: MailRules): string | null {
  const host = mailHost(email);
  const domain = host !== null && rules.kind(host) === 'work' ? registrable(host) : null;
  return domain === null ? null : rules.companyDomain(domain);
}

/** Why an address names no company; null: it is no address with a domain. */
export function mailKind(email: string, rules: DomainList): DomainKind | null {
  const host = mailHost(email);
  return host === null || registrable(host) === null ? null : rules.kind(host);
}

/** The registrable domain of an e-mail address, lower case, ASCII; null when there is none. */
export function emailDomain(email: string): string | null {
  const host = mailHost(email);
  return host === null ? null : registrable(host);
}

/** The registrable domain of a host name or URL (`https://www.acme.co.uk/x` -> `acme.co.uk`); null for an address or nonsense. */
export function registrableDomain(site: string): string | null {
  const host = asciiHost(site);
  return host === null ? null : registrable(host);
}

/**
 * By the public suffix list, with its section of private suffixes: `acme.github.io` and `other.github.io` are two
 * companies, as `acme.co.uk` and `other.co.uk` are.
 */
function registrable(host: string): string | null {
  return getDomain(host, { allowPrivateDomains: true });
}

/** The host of an e-mail address, in ASCII; null when it is none. */
function mailHost(email: string): string | null {
  const at = email.lastIndexOf('@');
  return at < 1 ? null : asciiHost(email.slice(at + 1));
}

/** The host name of a site, a URL or a host, in ASCII; null for nonsense. */
export function asciiHost(site: string): string | null {
  const host = getHostname(site.trim());
  return host === null ? null : domainToASCII(host.replace(/\.$/, '')) || null;
}

/** `a.b.example` -> `a.b.example`, `b.example`: the host and its parents down to the one that was registered. */
export function hostAndParents(host: string): string[] {
  const labels = host.split('.');
  const below = labels.length - (getDomain(host) ?? host).split('.').length;
  return Array.from({ length: below + 1 }, (_, i) => labels.slice(i).join('.'));
}
