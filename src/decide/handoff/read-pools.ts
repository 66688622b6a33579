import type { ConfigProblem } from '../../shared/config-file.ts';
import type { BusinessHours } from './business-hours.ts';
import type { HandoffFile } from './names.ts';
import { personIn, plainPerson, unknownPerson } from './read-people.ts';
import type { HandoffConfig } from './schema.ts';
import type { Person, Team } from './team.ts';

/** People and pools as choosing knows them. */
export function teamIn(
  { people = [], pools }: Pick<HandoffConfig, 'people' | 'pools'>,
  named: ReadonlyMap<string, BusinessHours>,
): Team {
  const described = people.map((config) => personIn(config, named));
  const members = Object.values(pools).flatMap((pool) => pool.people.map((email) => email.toLowerCase()));
  const byEmail = new Map<string, Person>(members.map((email) => [email, plainPerson(email)]));
  for (const one of described) {
    byEmail.set(one.email, one);
  }
  return {
    people: byEmail,
    pools: new Map(
      Object.entries(pools).map(([id, { people: emails, pick, a_week: aWeek = null }]) => [
        id,
        { id, people: emails.map((email) => email.toLowerCase()), pick, aWeek },
      ]),
    ),
  };
}

/** What is wrong with the pools, and with who is to own what comes by a route. */
export function poolProblems(read: HandoffFile): ConfigProblem[] {
  const { value, problem, unknownName } = read;
  const pools = Object.entries(value.pools).flatMap(([id, { people }]) =>
    people.flatMap((email, i) => {
      const at = ['pools', id, 'people', i];
      const twice = people.findIndex((one) => one.toLowerCase() === email.toLowerCase()) < i;
      return [
        ...unknownPerson(read, at, email),
        ...(twice ? [problem(at, email, 'somebody whom the pool does not name before')] : []),
      ];
    }),
  );
  const routes = value.routes.flatMap(({ owner }, i) => {
    const at = ['routes', i, 'owner'];
    if (owner === undefined || typeof owner === 'string') {
      return owner === undefined ? [] : unknownPerson(read, at, owner);
    }
    return unknownName([...at, 'pool'], owner.pool, Object.keys(value.pools), 'a name under pools', [
      ['pools'],
    ]);
  });
  return [...pools, ...routes];
}
