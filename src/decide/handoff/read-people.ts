import { readInstant } from '../../events/instant.ts';
import type { ConfigProblem } from '../../shared/config-file.ts';
import { ALWAYS, type BusinessHours } from './business-hours.ts';
import type { HandoffFile } from './names.ts';
import type { PersonConfig } from './people-schema.ts';
import type { Person } from './team.ts';

export function personIn(config: PersonConfig, named: ReadonlyMap<string, BusinessHours>): Person {
  const { email, name = null, manager, a_week: aWeek = null, out, hours = '' } = config;
  return {
    email: email.toLowerCase(),
    name,
    manager: manager?.toLowerCase() ?? null,
    aWeek,
    out,
    hours: named.get(hours) ?? ALWAYS,
  };
}

/** Somebody whom a pool names and nobody describes: always there. */
export function plainPerson(email: string): Person {
  return { email, name: null, manager: null, aWeek: null, out: [], hours: ALWAYS };
}

export function peopleProblems(read: HandoffFile): ConfigProblem[] {
  const { value, problem, unknownName } = read;
  const people = value.people ?? [];
  const emails = people.map(({ email }) => email.toLowerCase());
  return people.flatMap((person, i) => {
    const at = ['people', i];
    const { email, manager, hours, out } = person;
    const own = email.toLowerCase();
    return [
      ...(emails.indexOf(own) < i
        ? [problem([...at, 'email'], email, 'somebody who is not named before')]
        : []),
      ...(manager === undefined ? [] : unknownPerson(read, [...at, 'manager'], manager)),
      ...(manager?.toLowerCase() === own ? [problem([...at, 'manager'], manager, 'somebody else')] : []),
      ...(hours === undefined
        ? []
        : unknownName([...at, 'hours'], hours, Object.keys(value.hours), 'a name under hours', [['hours']])),
      ...out.flatMap((absence, j) => absenceProblems(read, [...at, 'out', j], absence)),
    ];
  });
}

function absenceProblems(
  { problem }: HandoffFile,
  at: readonly PropertyKey[],
  absence: PersonConfig['out'][number],
): ConfigProblem[] {
  const { from, to } = absence;
  const wrong = (['from', 'to'] as const).filter((key) => readInstant(absence[key]) === null);
  return wrong.length > 0
    ? wrong.map((key) => problem([...at, key], absence[key], 'a date that the calendar has'))
    : to < from
      ? [problem([...at, 'to'], to, `a last day that is not before the first, ${from}`)]
      : [];
}

/** Somebody who should be one of `people`: without that section anybody may be named. */
export function unknownPerson(
  { value, unknownName, whole }: HandoffFile,
  at: readonly PropertyKey[],
  email: string,
): ConfigProblem[] {
  const known = value.people?.map((one) => one.email.toLowerCase());
  return known === undefined || !whole(['people'])
    ? []
    : unknownName(
        at,
        known.includes(email.toLowerCase()) ? email.toLowerCase() : email,
        known,
        'one of people',
      );
}
