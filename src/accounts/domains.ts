import { domainToASCII } from 'node:url';
import { getDomain, getHostname } from 'tldts';

/** Work mail names a company; free and disposable mail never make an account. */
export type DomainKind = 'work' | 'free' | 'disposable';

/** The maintained lists, loaded at the edge. */
export interface DomainList {
  kind(domain: string): DomainKind;
}

/** The registrable domain of an e-mail address, lower case, ASCII; null when there is none. */
export function emailDomain(email: string): string | null {
  const at = email.lastIndexOf('@');
  return at < 1 ? null : registrableDomain(email.slice(at + 1));
}

/** The registrable domain of a host name or URL (`https://www.acme.co.uk/x` -> `acme.co.uk`); null for an address or nonsense. */
export function registrableDomain(site: string): string | null {
  const host = getHostname(site.trim());
  const ascii = host === null ? '' : domainToASCII(host.replace(/\.$/, ''));
  return ascii === '' ? null : getDomain(ascii);
}
