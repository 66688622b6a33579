import { z } from 'zod';
import type { HubspotApi } from './client.ts';
import { isAbsent, isConflict, mayBeOneRecord, notManual } from './outcomes.ts';
import type { Reply } from './reply.ts';

/** Contacts. */
const OBJECT_TYPE = '0-1';

const listSchema = z.object({
  list: z.object({ listId: z.coerce.string(), processingType: z.string().optional() }),
});

const ids = z.array(z.coerce.string()).nullish();
/**
 * HubSpot spells the first one unlike the others. Members and unknown ids are in neither or the last, so that both may be
 * empty; an answer that has neither says nothing, and is not taken for success.
 */
const addedSchema = z
  .object({ recordsIdsAdded: ids, recordIdsMissing: ids })
  .refine(({ recordsIdsAdded, recordIdsMissing }) => (recordsIdsAdded ?? recordIdsMissing) != null);

/** MANUAL lists of contacts, found by name; their ids are remembered. */
export class ContactLists {
  private readonly api: HubspotApi;
  private readonly listIds = new Map<string, string>();

  constructor(api: HubspotApi) {
    this.api = api;
  }

  /** null when there is none. A list that HubSpot fills by itself is a failure: nobody can be added to it. */
  async find(name: string): Promise<Reply<string | null>> {
    const reply = await this.api.call(listSchema, this.api.paths.listNamed(OBJECT_TYPE, name));
    if (!reply.ok) {
      return isAbsent(reply.failure) ? { ok: true, data: null } : reply;
    }
    const { listId, processingType } = reply.data.list;
    return processingType === 'DYNAMIC'
      ? { ok: false, failure: notManual(name) }
      : { ok: true, data: listId };
  }

  async findOrCreate(name: string): Promise<Reply<string>> {
    const cached = this.listIds.get(name);
    if (cached !== undefined) {
      return { ok: true, data: cached };
    }
    const found = await this.find(name);
    if (!found.ok) {
      return found;
    }
    const listId = found.data === null ? await this.create(name) : ({ ok: true, data: found.data } as const);
    if (listId.ok) {
      this.listIds.set(name, listId.data);
    }
    return listId;
  }

  /** Forgets an id that has turned out to be gone. */
  forget(name: string): void {
    this.listIds.delete(name);
  }

  /** Adds contacts to a list: a set, so a repeat is success. The value is false for an id HubSpot does not know. */
  async add(listId: string, contactIds: string[]): Promise<Map<string, Reply<boolean>>> {
    const reply = await this.api.call(addedSchema, this.api.paths.addToList(listId), contactIds);
    if (!reply.ok && contactIds.length > 1 && mayBeOneRecord(reply.failure) && !isAbsent(reply.failure)) {
      const middle = Math.ceil(contactIds.length / 2);
      const halves = [contactIds.slice(0, middle), contactIds.slice(middle)];
      const added = await Promise.all(halves.map((half) => this.add(listId, half)));
      return new Map(added.flatMap((half) => [...half]));
    }
    const missing = new Set(reply.ok ? reply.data.recordIdsMissing : []);
    return new Map(contactIds.map((id) => [id, reply.ok ? { ok: true, data: !missing.has(id) } : reply]));
  }

  /** Names are unique in a portal, so a create that was lost or raced ends in finding the list. */
  private async create(name: string): Promise<Reply<string>> {
    const reply = await this.api.call(listSchema, this.api.paths.makeList(), {
      name,
      objectTypeId: OBJECT_TYPE,
      processingType: 'MANUAL',
    });
    if (reply.ok) {
      return { ok: true, data: reply.data.list.listId };
    }
    if (!isConflict(reply.failure)) {
      return reply;
    }
    const found = await this.find(name);
    return found.ok && found.data !== null ? { ok: true, data: found.data } : reply;
  }
}
