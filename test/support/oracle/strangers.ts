import type { Fact } from './fact.ts';

/**
 * Splits facts into groups that share no id, mail domain or site: nothing in one can touch an account of
 * another, so that each may be looked at alone. Free mail joins nobody who matters: it only makes a group
 * larger.
 */
export function strangers(facts: readonly Fact[]): Fact[][] {
  const groups: { marks: Set<string>; facts: Fact[] }[] = [];
  for (const fact of facts) {
    const marks = new Set(marksOf(fact));
    const touched = groups.filter((group) => [...marks].some((mark) => group.marks.has(mark)));
    const [home = { marks: new Set<string>(), facts: [] }, ...others] = touched;
    if (touched.length === 0) {
      groups.push(home);
    }
    home.facts.push(fact, ...others.flatMap((other) => other.facts));
    for (const mark of [...marks, ...others.flatMap((other) => [...other.marks])]) {
      home.marks.add(mark);
    }
    for (const other of others) {
      groups.splice(groups.indexOf(other), 1);
    }
  }
  return groups.map((group) => group.facts);
}

function marksOf({ user, device, account, aboutPerson, aboutAccount }: Fact): string[] {
  const mails = aboutPerson
    .filter(({ trait }) => trait === 'email')
    .map(({ value }) => String(value).split('@')[1]);
  const sites = aboutAccount
    .filter(({ trait }) => trait === 'website' || trait === 'domain')
    .map(({ value }) =>
      String(value)
        .replace(/^https?:\/\/(www\.)?/, '')
        .replace(/\/.*$/, ''),
    );
  return [
    ...(user === null ? [] : [`user ${user}`]),
    ...(device === null ? [] : [`device ${device}`]),
    ...(account === null ? [] : [`account ${account}`]),
    ...[...mails, ...sites].map((domain) => `domain ${String(domain).toLowerCase()}`),
  ];
}
