import type { Clock } from '../../shared/clock.ts';
import { type Field, PERSON_ACCOUNT_FIELDS, type SObject, standardObjects } from './schema.ts';

export type SfRecord = Record<string, unknown> & { Id: string };

/** An error in the shape of the REST API. */
export class SfError extends Error {
  readonly code: string;
  readonly fields: string[];
  readonly extra: Record<string, unknown>;

  constructor(code: string, message: string, fields: string[] = [], extra: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.fields = fields;
    this.extra = extra;
  }
}

/** A rule of the org that refuses a record: a validation rule, a lock, a duplicate rule. null: let it pass. */
export type Rule = (
  object: string,
  record: Record<string, unknown>,
  headers: Record<string, string | undefined>,
) => SfError | null;

export interface Saved {
  sequence: number;
  records: Record<string, SfRecord[]>;
  custom: { object: string; field: Field }[];
  visible: string[];
  /** Absent in files from before it was kept. */
  metadata?: [string, string][];
}

/** One org: objects, records, and what its user may see. Holds the rules of the platform that our writes can meet. */
export class Org {
  readonly objects = new Map<string, SObject>();
  readonly records = new Map<string, Map<string, SfRecord>>();
  readonly rules: Rule[] = [];
  /** What queries of an object are answered. */
  readonly queryRules = new Map<string, SfError>();
  /** Id of the user whose session the calls use; '' while there is none. */
  runningUser = '';
  /** `Object.Field` of custom fields that some permission set shows. */
  readonly visible = new Set<string>();
  /** Content of metadata components, by type and full name. */
  readonly metadata = new Map<string, string>();
  private readonly custom: Saved['custom'] = [];
  /** `Object.Field` -> lower-cased value -> ids of records that have or had it: made when first asked for. */
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  private sequence = 0;
  private undo: (() => void)[] | null = null;
  private readonly clock: Clock;
  private readonly wrote: (
    op: 'create' | 'update' | 'archive',
    object: string,
    id: string,
    fields: Record<string, unknown>,
  ) => void;

  constructor(clock: Clock, wrote: Org['wrote']) {
    this.clock = clock;
    this.wrote = wrote;
    for (const object of standardObjects()) {
      this.objects.set(object.name, object);
      this.records.set(object.name, new Map());
    }
  }

  /** As the platform writes an instant. */
  timestamp(): string {
    return new Date(this.clock.now()).toISOString().replace('Z', '+0000');
  }

  object(name: string): SObject {
    const found = [...this.objects.values()].find(
      (object) => object.name.toLowerCase() === name.toLowerCase(),
    );
    if (found === undefined) {
      throw new SfError('NOT_FOUND', 'The requested resource does not exist');
    }
    return found;
  }

  /** Fields as the user sees them: a custom field without field-level security is as good as absent. */
  visibleFields(object: SObject): Field[] {
    return object.fields.filter(
      (field) => !field.name.endsWith('__c') || this.visible.has(`${object.name}.${field.name}`),
    );
  }

  all(object: string): SfRecord[] {
    return [...(this.records.get(this.object(object).name)?.values() ?? [])];
  }

  find(object: string, id: string): SfRecord | undefined {
    return this.records.get(this.object(object).name)?.get(id);
  }

  /** Live records whose field has this value, text compared without case: what a real org has an index for. */
  having(objectName: string, field: string, value: unknown): SfRecord[] {
    const { name } = this.object(objectName);
    const index = this.indexes.get(`${name}.${field}`) ?? this.buildIndex(name, field);
    const wanted = indexed(value);
    return [...(index.get(wanted) ?? [])]
      .map((id) => this.records.get(name)?.get(id))
      .filter((record) => record !== undefined)
      .filter((record) => indexed(record[field]) === wanted && record.IsDeleted !== true);
  }

  private buildIndex(object: string, field: string): Map<string, Set<string>> {
    const index = new Map<string, Set<string>>();
    this.indexes.set(`${object}.${field}`, index);
    for (const record of this.records.get(object)?.values() ?? []) {
      addTo(index, record[field], record.Id);
    }
    return index;
  }

  /** Values that a record had stay in an index; whoever looks checks. */
  private noteInIndexes(object: string, record: SfRecord): void {
    for (const [name, index] of this.indexes) {
      const [of = '', field = ''] = name.split('.');
      if (of === object) {
        addTo(index, record[field], record.Id);
      }
    }
  }

  addField(objectName: string, field: Field): void {
    const targets = objectName === 'Activity' ? ['Task'] : [objectName];
    for (const target of targets) {
      const object = this.object(target);
      if (object.fields.some(({ name }) => name === field.name)) {
        throw new SfError(
          'DUPLICATE_DEVELOPER_NAME',
          `There is already a field named ${field.name} on ${objectName}.`,
        );
      }
      object.fields.push(field);
      this.custom.push({ object: target, field });
    }
  }

  /** Switches person accounts on: from then on an Account may be a person. */
  allowPersonAccounts(): void {
    const account = this.object('Account');
    account.fields.push(...PERSON_ACCOUNT_FIELDS.map((field) => ({ ...field })));
  }

  /** The person account that a contact is half of. */
  personAccount(contact: string): SfRecord | undefined {
    return this.all('Account').find(({ PersonContactId }) => PersonContactId === contact);
  }

  /** One person as the platform keeps them: an account and its contact half. */
  insertPerson(values: Record<string, unknown>): { account: SfRecord; contact: SfRecord } {
    const { FirstName, LastName, PersonEmail } = values;
    const contact = this.insert('Contact', { FirstName, LastName, Email: PersonEmail });
    const account = this.insert('Account', {
      ...values,
      Name: `${FirstName} ${LastName}`,
      IsPersonAccount: true,
      PersonContactId: contact.Id,
    });
    contact.AccountId = account.Id;
    return { account, contact };
  }

  /** A merge as an admin makes it: the loser goes, and says where to. */
  merge(objectName: string, winner: string, loser: string): void {
    const record = this.find(objectName, loser);
    if (record !== undefined) {
      record.MasterRecordId = winner;
      this.remove(objectName, loser);
    }
  }

  changeField(objectName: string, field: Field): void {
    const object = this.object(objectName === 'Activity' ? 'Task' : objectName);
    const known = object.fields.find(({ name }) => name === field.name);
    if (known === undefined) {
      throw new SfError('INVALID_CROSS_REFERENCE_KEY', `There is no field ${field.name} on ${objectName}.`);
    }
    Object.assign(known, field);
  }

  hasField(name: string): boolean {
    const [object, field] = name.split('.');
    return this.objects.get(object ?? '')?.fields.some((one) => one.name === field) ?? false;
  }

  /** Logs what set-up made or changed of the org itself. */
  setUp(op: 'create' | 'update', type: string, fullName: string): void {
    this.wrote(op, type, fullName, {});
  }

  /** Creates a record as given, without the checks of a call: for seeding and for what the platform makes itself. */
  insert(objectName: string, values: Record<string, unknown>): SfRecord {
    const object = this.object(objectName);
    this.sequence += 1;
    const now = this.timestamp();
    const defaults = Object.fromEntries(
      object.fields
        .filter((field) => field.default !== undefined)
        .map((field) => [field.name, field.default]),
    );
    const record: SfRecord = {
      ...defaults,
      CreatedDate: now,
      LastModifiedDate: now,
      SystemModstamp: now,
      ...values,
      Id: `${object.prefix}${this.sequence.toString(36).toUpperCase().padStart(12, '0')}AAA`,
    };
    this.records.get(object.name)?.set(record.Id, record);
    this.noteInIndexes(object.name, record);
    this.undo?.push(() => this.records.get(object.name)?.delete(record.Id));
    this.wrote('create', object.name, record.Id, values);
    return record;
  }

  update(objectName: string, record: SfRecord, values: Record<string, unknown>): void {
    const now = this.timestamp();
    const before = { ...record };
    this.undo?.push(() => this.records.get(this.object(objectName).name)?.set(record.Id, before));
    Object.assign(record, values, { LastModifiedDate: now, SystemModstamp: now });
    this.noteInIndexes(this.object(objectName).name, record);
    this.wrote('update', this.object(objectName).name, record.Id, values);
  }

  remove(objectName: string, id: string): void {
    const record = this.find(objectName, id);
    if (record === undefined) {
      throw new SfError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
    }
    record.IsDeleted = true;
    record.SystemModstamp = this.timestamp();
    this.wrote('archive', objectName, id, {});
  }

  /** Runs `work`; what it wrote is taken back when it throws or does not want to keep it. What was logged stays logged. */
  atOnce<T>(work: () => { value: T; keep: boolean }): T {
    const undo: (() => void)[] = [];
    this.undo = undo;
    let kept = false;
    try {
      const { value, keep } = work();
      kept = keep;
      return value;
    } finally {
      this.undo = null;
      for (const step of kept ? [] : undo.reverse()) {
        step();
      }
    }
  }

  save(): Saved {
    return {
      sequence: this.sequence,
      records: Object.fromEntries([...this.records].map(([name, records]) => [name, [...records.values()]])),
      custom: this.custom,
      visible: [...this.visible],
      metadata: [...this.metadata],
    };
  }

  load(saved: Saved): void {
    this.sequence = saved.sequence;
    this.indexes.clear();
    for (const { object, field } of saved.custom) {
      this.addField(object, field);
    }
    for (const name of saved.visible) {
      this.visible.add(name);
    }
    for (const [name, content] of saved.metadata ?? []) {
      this.metadata.set(name, content);
    }
    for (const [name, records] of Object.entries(saved.records)) {
      this.records.set(name, new Map(records.map((record) => [record.Id, record])));
    }
  }
}

function indexed(value: unknown): string {
  return String(value ?? '').toLowerCase();
}

function addTo(index: Map<string, Set<string>>, value: unknown, id: string): void {
  const ids = index.get(indexed(value)) ?? new Set();
  index.set(indexed(value), ids.add(id));
}
