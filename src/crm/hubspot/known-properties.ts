import { DAY } from '../../shared/time.ts';
import type { ObjectType } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { readDefinitions } from './schema.ts';

/** Which properties a portal has differs by plan and age: only those are asked for. Looked up once a day. */
export class KnownProperties {
  private readonly api: HubspotApi;
  private readonly known = new Map<ObjectType, { at: number; names: ReadonlySet<string> }>();

  constructor(api: HubspotApi) {
    this.api = api;
  }

  async of(object: ObjectType, fields: readonly string[]): Promise<string[]> {
    const now = this.api.clock.now();
    const before = this.known.get(object);
    if (before !== undefined && Math.abs(now - before.at) < DAY) {
      return fields.filter((field) => before.names.has(field));
    }
    try {
      const names = new Set((await readDefinitions(this.api, object)).map(({ name }) => name));
      this.known.set(object, { at: now, names });
      return fields.filter((field) => names.has(field));
    } catch {
      // Then HubSpot itself leaves out what it does not have.
      return [...fields];
    }
  }
}
