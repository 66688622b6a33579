import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Write } from '../http.ts';
import { Associations, type Link } from './associations.ts';
import { type ObjectName, TYPE_IDS } from './definitions.ts';
import { ENGAGEMENT_TARGETS, ENGAGEMENTS } from './engagements.ts';
import { HubspotError, notFound, validation } from './errors.ts';
import { ListStore, type StoredList } from './lists.ts';
import { RecordTable, type StoredRecord } from './records.ts';
import { assertUniqueFree, forwardOnly } from './rules.ts';
import { ObjectSchema } from './schema.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { assertCreatable, type Properties, validProperties } from './validate.ts';

export interface AssociationInput {
  to: { id: string | number };
  types: { associationTypeId: number }[];
}

export interface Owner {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  archived: boolean;
}

/** A marketing campaign with the lists that were attached to it. */
export interface Campaign {
  /** A GUID. */
  id: string;
  name: string;
  lists: string[];
}

export interface PortalOptions {
  settings?: Partial<Settings> | undefined;
  clock?: Clock | undefined;
  /** Told of every change to a record. */
  wrote?: (write: Omit<Write, 'at'>) => void;
}

const OBJECTS: ObjectName[] = ['companies', 'contacts', 'tasks', 'deals', ...ENGAGEMENTS];

/** Where an association type leads. */
const TARGETS: Record<number, ObjectName> = {
  1: 'companies',
  279: 'companies',
  192: 'companies',
  204: 'contacts',
  5: 'companies',
  341: 'companies',
  3: 'contacts',
  ...ENGAGEMENT_TARGETS,
};

/** What a HubSpot portal keeps, and the rules by which records come and go. Holds no HTTP. */
export class Portal {
  readonly settings: Settings;
  readonly associations = new Associations();
  readonly lists = new ListStore();
  readonly campaigns: Campaign[] = [];
  readonly owners: Owner[] = [
    { id: '101', email: 'ada.rep@sandbox.example', firstName: 'Ada', lastName: 'Rep', archived: false },
    { id: '102', email: 'ben.rep@sandbox.example', firstName: 'Ben', lastName: 'Rep', archived: false },
    { id: '103', email: 'former.rep@sandbox.example', firstName: 'Former', lastName: 'Rep', archived: true },
  ];
  private readonly clock: Clock;
  private readonly wrote: (write: Omit<Write, 'at'>) => void;
  private readonly schemas = new Map(OBJECTS.map((object) => [object, new ObjectSchema(object)]));
  private readonly tables = new Map(OBJECTS.map((object) => [object, new RecordTable()]));
  private nextId = 7_945_000_001;

  constructor(options: PortalOptions) {
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.clock = options.clock ?? systemClock;
    this.wrote = options.wrote ?? (() => {});
    this.table('contacts').makeUnique('email');
  }

  now(): number {
    return this.clock.now();
  }

  schema(object: ObjectName): ObjectSchema {
    return of(this.schemas, object);
  }

  table(object: ObjectName): RecordTable {
    return of(this.tables, object);
  }

  changed(write: Omit<Write, 'at'>): void {
    this.wrote(write);
  }

  define(object: ObjectName, body: unknown) {
    if (object === 'tasks' && this.settings.taskProperties === 'refused') {
      throw new HubspotError(403, 'MISSING_SCOPES', 'This app has no scope to change properties of tasks.');
    }
    const definition = this.schema(object).define(body, this.now());
    if (definition.hasUniqueValue) {
      this.table(object).makeUnique(definition.name);
    }
    this.wrote({ op: 'create', object: 'properties', id: `${object}/${definition.name}`, fields: {} });
    return definition;
  }

  /** By record id, or by a unique property. Throws HubSpot's answer to a property that is not unique. */
  find(object: ObjectName, id: string, idProperty?: string): StoredRecord | undefined {
    const table = this.table(object);
    if (idProperty === undefined || idProperty === 'hs_object_id') {
      return table.get(id);
    }
    if (!table.isUnique(idProperty)) {
      throw nonUnique(object, idProperty);
    }
    return table.holder(idProperty, id);
  }

  create(object: ObjectName, raw: unknown, associations: AssociationInput[] = []): StoredRecord {
    return this.prepareCreate(object, raw, associations)();
  }

  update(object: ObjectName, id: string, raw: unknown, idProperty?: string): StoredRecord {
    return this.prepareUpdate(object, id, raw, idProperty)();
  }

  /** Throws what HubSpot would answer; the function it returns does the write. */
  prepareCreate(object: ObjectName, raw: unknown, associations: AssociationInput[]): () => StoredRecord {
    const properties = this.valid(object, raw);
    assertCreatable(object, properties);
    this.assertUnique(object, properties, null);
    const links = associations.map((one) => this.target(object, one));
    const filled = { ...completion(object, {}, properties, this.now()), ...madeBy(object) };
    return () => {
      const record = this.insert(object, { ...properties, ...filled });
      this.wrote({ op: 'create', object, id: record.id, fields: properties });
      for (const { to, toId, typeIds } of links) {
        this.associate(object, record.id, to, toId, typeIds);
      }
      return record;
    };
  }

  /** Throws what HubSpot would answer; the function it returns does the write. */
  prepareUpdate(object: ObjectName, id: string, raw: unknown, idProperty?: string): () => StoredRecord {
    const record = this.find(object, id, idProperty);
    if (record === undefined) {
      throw notFound(object, [id]);
    }
    const properties = this.valid(object, raw);
    this.assertUnique(object, properties, record.id);
    const { backwardStage } = this.settings;
    const allowed = forwardOnly(this.schema(object), record.properties, properties, backwardStage);
    const filled = completion(object, record.properties, allowed, this.now());
    return () => {
      this.change(record, { ...allowed, ...filled });
      this.wrote({ op: 'update', object, id: record.id, fields: allowed });
      return record;
    };
  }

  archive(object: ObjectName, id: string): void {
    if (this.table(object).get(id) !== undefined) {
      this.table(object).remove(id);
      this.associations.drop(object, id);
      this.wrote({ op: 'archive', object, id, fields: {} });
    }
  }

  associate(from: ObjectName, fromId: string, to: ObjectName, toId: string, typeIds?: number[]): void {
    for (const [object, id] of [
      [from, fromId],
      [to, toId],
    ] as const) {
      if (this.table(object).get(id) === undefined) {
        throw notFound(object, [id]);
      }
    }
    const types = typeIds ?? [this.associations.defaultType(from, to) ?? 0];
    this.associations.add(from, fromId, to, toId, types);
    this.wrote({ op: 'associate', object: from, id: fromId, fields: { [to]: toId, typeIds: types } });
  }

  /** A record that was there before anybody looked: no rule is asked, and it is not logged as a write. */
  seed(object: ObjectName, properties: Properties, createdAt = this.now()): StoredRecord {
    const record = this.insert(object, properties);
    record.createdAt = createdAt;
    record.updatedAt = createdAt;
    record.indexedAt = 0;
    return record;
  }

  /** As a person, or HubSpot itself, changes a record: no rule is asked, and it is not logged as a write. */
  touch(object: ObjectName, id: string, properties: Properties): void {
    const record = this.table(object).get(id);
    if (record === undefined) {
      throw notFound(object, [id]);
    }
    this.change(record, properties);
  }

  /** As a person merging two records would: the loser's id is forwarded, or answers as unknown. */
  merge(object: ObjectName, winner: string, loser: string, then: 'forwards' | 'gone'): void {
    this.table(object).remove(loser, then === 'forwards' ? winner : undefined);
  }

  save() {
    return {
      nextId: this.nextId,
      schemas: OBJECTS.map((object) => this.schema(object).save()),
      records: OBJECTS.flatMap((object) => this.table(object).all()),
      links: this.associations.all(),
      lists: this.lists.all(),
    };
  }

  load(saved: ReturnType<Portal['save']>): void {
    this.nextId = saved.nextId;
    OBJECTS.forEach((object, index) => {
      this.schema(object).load(saved.schemas[index] ?? { definitions: [], groups: [] });
      for (const { name, hasUniqueValue } of this.schema(object).definitions.values()) {
        if (hasUniqueValue && name !== 'hs_object_id') {
          this.table(object).makeUnique(name);
        }
      }
    });
    for (const record of saved.records as StoredRecord[]) {
      this.table(record.object).put(record);
    }
    this.associations.load(saved.links as Link[]);
    this.lists.load(saved.lists as StoredList[]);
  }

  /** The record counts as modified now, and a search sees it as it was until the index has followed. */
  private change(record: StoredRecord, properties: Properties): void {
    const now = this.now();
    record.before = now < record.indexedAt ? record.before : record.properties;
    record.updatedAt = now;
    record.indexedAt = now + this.settings.indexLagMs;
    this.table(record.object).change(record, { ...record.properties, ...properties });
  }

  private insert(object: ObjectName, properties: Properties): StoredRecord {
    const now = this.now();
    const record: StoredRecord = {
      id: String(this.nextId++),
      object,
      properties,
      createdAt: now,
      updatedAt: now,
      before: null,
      indexedAt: now + this.settings.indexLagMs,
    };
    this.table(object).put(record);
    return record;
  }

  private valid(object: ObjectName, raw: unknown): Properties {
    const active = this.owners.filter(({ archived }) => !archived).map(({ id }) => id);
    return validProperties(object, raw, this.schema(object).definitions, active);
  }

  private assertUnique(object: ObjectName, properties: Properties, ownId: string | null): void {
    assertUniqueFree(object, this.table(object), properties, ownId, this.settings.uniqueClash);
  }

  private target(from: ObjectName, { to, types }: AssociationInput) {
    const typeIds = types.map(({ associationTypeId }) => associationTypeId);
    const object = TARGETS[typeIds[0] ?? 0];
    if (object === undefined || object === from) {
      throw validation(`association type ${typeIds[0]} is not valid from ${from}`);
    }
    const toId = String(to.id);
    if (this.table(object).get(toId) === undefined) {
      throw notFound(object, [toId]);
    }
    return { to: object, toId, typeIds };
  }
}

/** Whoever comes with a token is an integration. */
function madeBy(object: ObjectName): Properties {
  return object === 'tasks' || ENGAGEMENTS.some((one) => one === object)
    ? { hs_object_source: 'INTEGRATION' }
    : {};
}

/** When a task was completed; one that is reopened never was. */
function completion(object: ObjectName, before: Properties, after: Properties, now: number): Properties {
  const status = after.hs_task_status;
  if (object !== 'tasks' || status === undefined || status === before.hs_task_status) {
    return {};
  }
  const completed = status === 'COMPLETED';
  return completed || before.hs_task_completion_date
    ? { hs_task_completion_date: completed ? new Date(now).toISOString() : '' }
    : {};
}

export function nonUnique(object: ObjectName, property: string): HubspotError {
  return validation(`Unable to perform update/upsert by non-unique ${TYPE_IDS[object]} property ${property}`);
}

function of<V>(map: Map<ObjectName, V>, object: ObjectName): V {
  const value = map.get(object);
  if (value === undefined) {
    throw new Error(`no ${object} in the portal`);
  }
  return value;
}
