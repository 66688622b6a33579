import type { Json } from '../shared/json.ts';

/** true or false, also as text; null for everything else. */
export function readFlag(value: Json | undefined): boolean | null {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  return text === true || text === 'true' ? true : text === false || text === 'false' ? false : null;
}
