import { firstNameOf, type PersonView } from '../../accounts/views.ts';

/**
 * What a letter calls somebody after "Hi": the first name; with a title or an initial in its place the whole name; null: not known,
 * or what stands there is no name. A name that is all small or all capital letters is written as names are.
 */
export function calledName(person: Pick<PersonView, 'firstName' | 'name'>): string | null {
  const turned = person.firstName === null && person.name !== null ? turnedRound(person.name) : null;
  const first = firstNameOf({ firstName: person.firstName, name: turned ?? person.name })?.trim() ?? '';
  if (first === '' || /[@\d]/.test(first)) {
    return null;
  }
  return /^.$|\.$/u.test(first) ? (turned ?? first) : cased(first);
}

/** `Lee, Ann` -> `Ann Lee` */
function turnedRound(name: string): string {
  const [last = '', first, ...more] = name.split(',').map((part) => part.trim());
  return first === undefined || first === '' || more.length > 0 ? name : `${first} ${last}`;
}

function cased(name: string): string {
  const isFlat = name === name.toLowerCase() || (name.length > 2 && name === name.toUpperCase());
  const [head = '', ...rest] = name;
  return isFlat ? head.toUpperCase() + rest.join('').toLowerCase() : name;
}
