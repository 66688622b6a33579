/** Where a page of a list ended, as text that callers hand back and need not understand. */

export function writePlace(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** null: nothing that `writePlace` wrote. */
export function readPlace(cursor: string): unknown[] | null {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    return Array.isArray(place) ? place : null;
  } catch {
    return null;
  }
}

/** As PostgreSQL takes it for a uuid: a page's last row is asked for by it. */
export function isRowId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}
