import type { PersonView } from '../../accounts/views.ts';

/** The most recently active person; of two at the same instant the first by id. */
export function mostRecent(people: readonly PersonView[]): PersonView | null {
  const active = people.filter((person) => person.lastActive !== null);
  return active.sort(newestFirst)[0] ?? null;
}

/** The order of people by their newest activity; of two at the same instant the first by id. */
export function newestFirst(a: PersonView, b: PersonView): number {
  return (b.lastActive ?? 0) - (a.lastActive ?? 0) || (a.ref < b.ref ? -1 : 1);
}
