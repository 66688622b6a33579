import { HubspotError, validation } from './errors.ts';

export interface StoredList {
  listId: string;
  name: string;
  objectTypeId: string;
  processingType: string;
  createdAt: number;
  members: { recordId: string; at: number }[];
}

/** Lists with unique names; membership is a set that only MANUAL and SNAPSHOT lists let others change. */
export class ListStore {
  private readonly lists = new Map<string, StoredList>();

  all(): StoredList[] {
    return [...this.lists.values()];
  }

  load(lists: StoredList[]): void {
    for (const list of lists) {
      this.lists.set(list.listId, list);
    }
  }

  create(body: unknown, now: number): StoredList {
    const { name, objectTypeId, processingType } = (body ?? {}) as Partial<StoredList>;
    if (
      !name ||
      !objectTypeId ||
      !processingType ||
      !['MANUAL', 'DYNAMIC', 'SNAPSHOT'].includes(processingType)
    ) {
      throw validation('Invalid input JSON: name, objectTypeId and processingType are required');
    }
    if (this.all().some((list) => list.name.toLowerCase() === name.toLowerCase())) {
      const message = `A list named "${name}" already exists. List names must be unique.`;
      throw new HubspotError(400, 'VALIDATION_ERROR', message, { subCategory: 'ILS.DUPLICATE_LIST_NAMES' });
    }
    const listId = String(this.lists.size + 1);
    const list = { listId, name, objectTypeId, processingType, createdAt: now, members: [] };
    this.lists.set(listId, list);
    return list;
  }

  get(listId: string): StoredList {
    const list = this.lists.get(listId);
    if (list === undefined) {
      throw new HubspotError(404, 'OBJECT_NOT_FOUND', `List does not exist with ID ${listId}.`);
    }
    return list;
  }

  /** An unknown name is a 400 here, not a 404. */
  named(name: string, objectTypeId: string): StoredList {
    const list = this.all().find((one) => one.name === name && one.objectTypeId === objectTypeId);
    if (list === undefined) {
      throw validation(`List does not exist with name ${name} and object type ID ${objectTypeId}.`);
    }
    return list;
  }

  delete(listId: string): void {
    this.lists.delete(this.get(listId).listId);
  }

  /** Ids that are on the list already are ignored; ids without a record are reported as missing. */
  add(listId: string, ids: unknown, exists: (id: string) => boolean, now: number) {
    const list = this.writable(listId);
    const wanted = recordIds(ids);
    const known = wanted.filter(exists);
    const added = known.filter((id) => !list.members.some(({ recordId }) => recordId === id));
    list.members.push(...added.map((recordId) => ({ recordId, at: now })));
    return { added, missing: wanted.filter((id) => !known.includes(id)) };
  }

  remove(listId: string, ids: unknown): string[] {
    const list = this.writable(listId);
    const wanted = new Set(recordIds(ids));
    const removed = list.members.filter(({ recordId }) => wanted.has(recordId));
    list.members = list.members.filter(({ recordId }) => !wanted.has(recordId));
    return removed.map(({ recordId }) => recordId);
  }

  private writable(listId: string): StoredList {
    const list = this.get(listId);
    if (list.processingType === 'DYNAMIC') {
      throw validation(`List ${listId} is DYNAMIC: its memberships cannot be changed by hand.`);
    }
    return list;
  }
}

function recordIds(ids: unknown): string[] {
  if (!Array.isArray(ids)) {
    throw validation('Invalid input JSON: an array of record ids is required');
  }
  return [...new Set(ids.map(String))];
}

export function listView(list: StoredList): object {
  const { listId, name, objectTypeId, processingType, createdAt, members } = list;
  return {
    listId,
    listVersion: 1,
    name,
    objectTypeId,
    processingType,
    processingStatus: 'COMPLETE',
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(createdAt).toISOString(),
    size: members.length,
  };
}
