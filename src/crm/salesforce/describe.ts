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

/** Describes of one process, each asked for once. */
export class Describes {
  private readonly client: SalesforceClient;
  private readonly asked = new Map<string, Promise<Map<string, DescribedField>>>();
  private readonly answered = new Map<string, Map<string, DescribedField>>();

  constructor(client: SalesforceClient) {
    this.client = client;
  }

  fields(sobject: string): Promise<Map<string, DescribedField>> {
    const asked = this.asked.get(sobject) ?? this.ask(sobject);
    this.asked.set(sobject, asked);
    asked.catch(() => this.asked.delete(sobject));
    return asked;
  }

  /** What an earlier question has told, without asking now: the schema check of the start asks for all objects. */
  known(sobject: string): ReadonlyMap<string, DescribedField> | null {
    return this.answered.get(sobject) ?? null;
  }

  forget(): void {
    this.asked.clear();
  }

  private async ask(sobject: string): Promise<Map<string, DescribedField>> {
    const { fields } = await this.client.request<{ fields: DescribedField[] }>(
      'GET',
      `/sobjects/${sobject}/describe`,
    );
    const known = new Map(fields.map((field) => [field.name, field]));
    this.answered.set(sobject, known);
    return known;
  }
}

/** `wanted` when the picklist has it, else its default: values differ from org to org. */
export function picklistValue(field: DescribedField | undefined, wanted: string): string | undefined {
  const active = field?.picklistValues?.filter((value) => value.active) ?? [];
  return (active.find((value) => value.value === wanted) ?? active.find((value) => value.defaultValue))
    ?.value;
}
