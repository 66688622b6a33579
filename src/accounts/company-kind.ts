import { asciiHost, type DomainKind, type DomainList, hostAndParents } from './domains.ts';
import { type CompanyKind, DOMAIN_KINDS, type FactsConfig } from './facts-config.ts';

type Lists = Omit<NonNullable<FactsConfig['domains']>, 'student_suffixes'> & {
  student_suffixes: readonly string[];
};

/** Ends of the domains of schools and universities, where a country keeps one for them. */
export const STUDENT_SUFFIXES: readonly string[] = [
  ...['edu', 'ac.uk', 'sch.uk', 'ac.jp', 'ac.in', 'edu.in', 'ac.nz', 'school.nz', 'ac.za', 'school.za'],
  ...[
    'ac.kr',
    'ac.il',
    'ac.at',
    'ac.be',
    'ac.cn',
    'edu.au',
    'edu.cn',
    'edu.br',
    'edu.mx',
    'edu.ar',
    'edu.co',
  ],
  ...['edu.pl', 'edu.tr', 'edu.sg', 'edu.hk', 'edu.tw', 'edu.my', 'edu.ph', 'edu.pk', 'edu.eg', 'edu.sa'],
  ...['ac.ir', 'ac.id', 'ac.th', 'ac.ke', 'edu.ng', 'edu.gh', 'edu.vn', 'edu.pe', 'edu.ec', 'k12.ca.us'],
];

/** The kind of a host, by the operator's lists and the maintained ones. */
export interface CompanyKinds {
  /** Host of a mail address or a site, lower case. */
  kindOf(host: string): CompanyKind;
  /** The maintained lists as the operator corrected them: what makes an account, and what does not. */
  domainList: DomainList;
  /** Where `domainList` differs from the maintained lists: host and kind, in a fixed order. */
  corrections: [host: string, kind: DomainKind][];
}

/**
 * A decision by hand beats every list; then the order of DOMAIN_KINDS; then the maintained lists. A sub-domain is of
 * the kind of its domain, unless listed itself.
 */
export function companyKinds(lists: Lists, maintained: DomainList): CompanyKinds {
  const manual = new Map(Object.entries(lists.manual).map(([domain, kind]) => [asciiHost(domain), kind]));
  const listed = new Map<string | null, CompanyKind>();
  for (const kind of [...DOMAIN_KINDS].reverse()) {
    for (const domain of kind === 'work' ? [] : lists[kind]) {
      listed.set(asciiHost(domain), kind);
    }
  }
  const suffixes = lists.student_suffixes.map((suffix) => `.${suffix}`);
  const ownWord = (host: string): CompanyKind | undefined => {
    const names = hostAndParents(host);
    const first = (from: ReadonlyMap<string | null, CompanyKind>) =>
      names.map((name) => from.get(name)).find((kind) => kind !== undefined);
    const byList = first(manual) ?? first(listed);
    const isSchool = suffixes.some((suffix) => host.endsWith(suffix) || `.${host}` === suffix);
    return byList ?? (isSchool ? 'student' : undefined);
  };
  const domainList: DomainList = { kind: (host) => mailKind(ownWord(host)) ?? maintained.kind(host) };
  const corrections = [...new Set([...listed.keys(), ...manual.keys()])]
    .filter((host) => host !== null)
    .filter((host) => domainList.kind(host) !== maintained.kind(host))
    .sort()
    .map((host): [string, DomainKind] => [host, domainList.kind(host)]);
  return {
    corrections,
    domainList,
    kindOf: (host) => ownWord(host) ?? maintained.kind(host),
  };
}

/** Competitors, schools and agencies are companies like others where accounts are made. */
function mailKind(kind: CompanyKind | undefined): DomainKind | undefined {
  return kind === undefined || kind === 'free' || kind === 'disposable' ? kind : 'work';
}
