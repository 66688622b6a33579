import { traitChanges } from '../events/trait-names.ts';
import type { JsonObject } from '../shared/json.ts';

const OWN: ReadonlySet<string> = new Set(['email', 'first_name', 'last_name', 'title']);

/** `Signed Up` is the one event of the B2B spec whose properties are the person's own traits. */
export function signUpTraits(name: string, properties: JsonObject): JsonObject {
  if (!/^(user[\s_]+)?signed[\s_]*up$/i.test(name.trim())) {
    return {};
  }
  const own = traitChanges('person', properties)
    .filter(({ name, value }) => OWN.has(name) && typeof value === 'string' && value.trim() !== '')
    .map(({ name, value }) => [name, value]);
  return Object.fromEntries(own);
}
