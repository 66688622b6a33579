import type { ObjectName } from './definitions.ts';
import type { Properties } from './validate.ts';

export interface StoredRecord {
  id: string;
  object: ObjectName;
  properties: Properties;
  createdAt: number;
  updatedAt: number;
  /** What a search still sees until `indexedAt`; null: nothing. */
  before: Properties | null;
  indexedAt: number;
}

/** Records of one object with an index per unique property. Knows no rule of HubSpot beyond that. */
export class RecordTable {
  private readonly byId = new Map<string, StoredRecord>();
  /** Merged records answer under the winner's id. */
  private readonly forwards = new Map<string, string>();
  private readonly unique = new Map<string, Map<string, string>>();

  all(): StoredRecord[] {
    return [...this.byId.values()];
  }

  get(id: string): StoredRecord | undefined {
    return this.byId.get(this.forwards.get(id) ?? id);
  }

  put(record: StoredRecord): void {
    this.byId.set(record.id, record);
    for (const [property, index] of this.unique) {
      addTo(index, record, property);
    }
  }

  remove(id: string, forwardTo?: string): void {
    const record = this.byId.get(id);
    this.byId.delete(id);
    for (const [property, index] of this.unique) {
      index.delete(record?.properties[property]?.toLowerCase() ?? '');
    }
    if (forwardTo !== undefined) {
      this.forwards.set(id, forwardTo);
    }
  }

  /** Replaces the properties; the old unique values become free. */
  change(record: StoredRecord, properties: Properties): void {
    for (const [property, index] of this.unique) {
      index.delete(record.properties[property]?.toLowerCase() ?? '');
    }
    record.properties = properties;
    this.put(record);
  }

  makeUnique(property: string): void {
    const index = new Map<string, string>();
    for (const record of this.byId.values()) {
      addTo(index, record, property);
    }
    this.unique.set(property, index);
  }

  isUnique(property: string): boolean {
    return this.unique.has(property);
  }

  /** Unique values are compared without regard to case. */
  holder(property: string, value: string): StoredRecord | undefined {
    const id = this.unique.get(property)?.get(value.toLowerCase());
    return id === undefined ? undefined : this.byId.get(id);
  }

  uniqueProperties(): string[] {
    return [...this.unique.keys()];
  }
}

function addTo(index: Map<string, string>, record: StoredRecord, property: string): void {
  const value = record.properties[property];
  if (value) {
    index.set(value.toLowerCase(), record.id);
  }
}
