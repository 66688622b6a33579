import type { SalesforceClient } from './client.ts';

/** What we need to know of a field. A field hidden by field-level security is absent, as if it did not exist. */
export interface DescribedField {
  name: string;
  type: string;
  length: number;
  updateable: boolean;
  createable: boolean;
  externalId: boolean;
  unique: boolean;
  /** Digits in all, and after the point. */
  precision?: number;
  scale?: number;
  nillable?: boolean;
  defaultedOnCreate?: boolean;
  /** A formula or roll-up. */
  calculated?: boolean;
  autoNumber?: boolean;
  /** The picklist refuses values that it does not list. */
  restrictedPicklist?: boolean;
  picklistValues?: { value: string; active: boolean; defaultValue: boolean }[];
}

/** Fields of an object by name; null: it was not described, and values go as they are. */
export type Fields = ReadonlyMap<string, DescribedField> | null;

/** An object, with what the integration user may do to its records. */
export interface DescribedObject {
  queryable?: boolean;
  createable?: boolean;
  updateable?: boolean;
  fields: Map<string, DescribedField>;
}

/** Describes of one process, each asked for once. */
export class Describes {
  private readonly client: SalesforceClient;
  private readonly asked = new Map<string, Promise<DescribedObject>>();
  private readonly answered = new Map<string, DescribedObject>();

  constructor(client: SalesforceClient) {
    this.client = client;
  }

  async fields(sobject: string): Promise<Map<string, DescribedField>> {
    return (await this.object(sobject)).fields;
  }

  object(sobject: string): Promise<DescribedObject> {
    const asked = this.asked.get(sobject) ?? this.ask(sobject);
    this.asked.set(sobject, asked);
    asked.catch(() => this.asked.delete(sobject));
    return asked;
  }

  /** What an earlier question has told, without asking now: the schema check of the start asks for all objects. */
  known(sobject: string): Fields {
    return this.answered.get(sobject)?.fields ?? null;
  }

  forget(): void {
    this.asked.clear();
  }

  private async ask(sobject: string): Promise<DescribedObject> {
    const { fields, ...may } = await this.client.request<
      Omit<DescribedObject, 'fields'> & { fields: DescribedField[] }
    >('GET', `/sobjects/${sobject}/describe`);
    const described = { ...may, fields: new Map(fields.map((field) => [field.name, field])) };
    this.answered.set(sobject, described);
    return described;
  }
}

/** `wanted` when the picklist has it, else its default: values differ from org to org. */
export function picklistValue(field: DescribedField | undefined, wanted: string): string | undefined {
  const active = field?.picklistValues?.filter((value) => value.active) ?? [];
  return (active.find((value) => value.value === wanted) ?? active.find((value) => value.defaultValue))
    ?.value;
}
