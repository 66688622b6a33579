/** A field as the stand-in keeps it; `custom` ones are invisible until a permission set shows them. */
export interface Field {
  name: string;
  type:
    | 'id'
    | 'string'
    | 'textarea'
    | 'email'
    | 'url'
    | 'double'
    | 'int'
    | 'datetime'
    | 'date'
    | 'boolean'
    | 'picklist'
    | 'combobox'
    | 'reference';
  length: number;
  /** Needed to create a record. */
  required?: boolean;
  readOnly?: boolean;
  /** A formula. */
  calculated?: boolean;
  /** Digits after the point. */
  scale?: number;
  externalId?: boolean;
  unique?: boolean;
  values?: string[];
  /** A picklist that refuses other values. */
  restricted?: boolean;
  default?: string | boolean;
}
