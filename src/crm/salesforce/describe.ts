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
  /** A picklist that refuses other values. */
  restrictedPicklist?: boolean;
  picklistValues?: { value: string; active: boolean; defaultValue: boolean }[];
}

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
  private readonly known = new Map<string, Promise<DescribedObject>>();

  constructor(client: SalesforceClient) {
    this.client = client;
  }

  async fields(sobject: string): Promise<Map<string, DescribedField>> {
    return (await this.object(sobject)).fields;
  }

  object(sobject: string): Promise<DescribedObject> {
    const asked = this.known.get(sobject) ?? this.ask(sobject);
    this.known.set(sobject, asked);
    asked.catch(() => this.known.delete(sobject));
    return asked;
  }

  forget(): void {
    this.known.clear();
  }

  private async ask(sobject: string): Promise<DescribedObject> {
    const { fields, ...may } = await this.client.request<
      Omit<DescribedObject, 'fields'> & { fields: DescribedField[] }
    >('GET', `/sobjects/${sobject}/describe`);
    return { ...may, fields: new Map(fields.map((field) => [field.name, field])) };
  }
}

/** `wanted` when the picklist has it, else its default: values differ from org to org. */
export function picklistValue(field: DescribedField | undefined, wanted: string): string | undefined {
  const active = field?.picklistValues?.filter((value) => value.active) ?? [];
  return (active.find((value) => value.value === wanted) ?? active.find((value) => value.defaultValue))
    ?.value;
}
