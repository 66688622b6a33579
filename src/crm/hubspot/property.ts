import type { MappedField } from '../../sync/crm.ts';

/** The property group that setup makes; what is in it was made by setup. */
export const GROUP = 'pql';

export interface PropertyOption {
  label: string;
  value: string;
  displayOrder: number;
  hidden: boolean;
}

const WIRE_TYPES: Record<MappedField['type'], { type: string; fieldType: string }> = {
  text: { type: 'string', fieldType: 'text' },
  long_text: { type: 'string', fieldType: 'textarea' },
  url: { type: 'string', fieldType: 'text' },
  // A value without its option would be refused: a picklist of which the mapping lists no values takes any text.
  picklist: { type: 'string', fieldType: 'text' },
  number: { type: 'number', fieldType: 'number' },
  datetime: { type: 'datetime', fieldType: 'date' },
  date: { type: 'date', fieldType: 'date' },
  boolean: { type: 'bool', fieldType: 'booleancheckbox' },
};

/** Pure: the definition HubSpot is asked to make. */
export function propertyOf(field: MappedField) {
  const options = optionsOf(field);
  return {
    groupName: GROUP,
    name: field.field,
    label: labelOf(field.field),
    ...(field.values === undefined ? WIRE_TYPES[field.type] : { type: 'enumeration', fieldType: 'select' }),
    formField: false,
    ...(field.unique ? { hasUniqueValue: true } : {}),
    ...(options.length === 0 ? {} : { options }),
  };
}

/** The options of a property with those it lacks behind them; what is there keeps its label and place. */
export function withOptions(there: readonly PropertyOption[], values: readonly string[]): PropertyOption[] {
  const last = Math.max(-1, ...there.map(({ displayOrder }) => displayOrder));
  const lacking = values.filter((value) => !there.some((option) => option.value === value));
  return [...there, ...lacking.map((value, index) => optionOf(value, value, last + 1 + index))];
}

function optionsOf({ type, values }: MappedField): PropertyOption[] {
  return type === 'boolean'
    ? [optionOf('Yes', 'true', 0), optionOf('No', 'false', 1)]
    : (values ?? []).map((value, index) => optionOf(value, value, index));
}

function optionOf(label: string, value: string, displayOrder: number): PropertyOption {
  return { label, value, displayOrder, hidden: false };
}

/** `pql_scored_at` -> `PQL scored at` */
function labelOf(field: string): string {
  const words = field.replace(/^pql_/, '').replaceAll('_', ' ');
  return `PQL ${words}`;
}
