import type { ConfigFile, ConfigProblem } from '../shared/config-file.ts';
import type { FieldSpec } from './mapping-schema.ts';

type AnyFile = ConfigFile<unknown>;
type Told = [key: string, found: unknown, allowed: string];

/** Records are found again by it, and only the key of an account never changes its meaning. */
const UNIQUE_FROM = 'account.key, since the field is unique';

/** Fields that each CRM fills by itself, in every portal and org. The schema check finds the others. */
const READ_ONLY: Record<'hubspot' | 'salesforce', readonly string[]> = {
  hubspot: ['hs_object_id', 'createdate', 'lastmodifieddate', 'hs_lastmodifieddate', 'associatedcompanyid'],
  salesforce: [
    'Id',
    'IsDeleted',
    'CreatedDate',
    'CreatedById',
    'LastModifiedDate',
    'LastModifiedById',
    'SystemModstamp',
    'IsConverted',
    'IsPersonAccount',
  ],
};

const CAN_BE_CHOSEN: readonly FieldSpec['type'][] = ['picklist', 'text'];
const HAS_ORDER: readonly FieldSpec['type'][] = ['number', 'date', 'datetime'];
const HAS_NO_LENGTH: readonly FieldSpec['type'][] = ['number', 'date', 'datetime', 'boolean'];

/** What a schema cannot say of the fields of a mapping; each problem at the key that is wrong. */
export function fieldProblems(
  file: AnyFile,
  crm: 'hubspot' | 'salesforce',
  account: readonly FieldSpec[],
  all: readonly FieldSpec[],
): ConfigProblem[] {
  const object = account[0]?.object ?? 'company';
  const keyless = account.some((spec) => spec.unique)
    ? []
    : [file.problem([object, 'fields'], 'no unique field', 'one field with unique: true')];
  const wrongKeys = account
    .filter((spec) => spec.unique && spec.from !== 'account.key')
    .map((spec) => at(file, spec, ['from', spec.from, UNIQUE_FROM]));
  // Keys of tasks and members have no entry of their own.
  const own = all.filter(({ from }) => from !== '');
  return [
    ...wrongKeys,
    ...keyless,
    ...own.flatMap((spec) => wrongTogether(spec).map((told) => at(file, spec, told))),
    ...own
      .filter(({ field }) => READ_ONLY[crm].includes(field))
      .map(({ object: section, field }) =>
        file.problem(
          [section, 'fields', field],
          field,
          `a field that takes writes; ${crm} fills this one itself`,
        ),
      ),
  ];
}

function at(file: AnyFile, { object, field }: FieldSpec, [key, found, allowed]: Told): ConfigProblem {
  return file.problem([object, 'fields', field, key], found, allowed);
}

/** Keys of one field that contradict each other. */
function wrongTogether(spec: FieldSpec): Told[] {
  const { type, write, by_hand, values, otherwise, clear, length, unique } = spec;
  const rules: [boolean, Told][] = [
    [length !== undefined && HAS_NO_LENGTH.includes(type), ['length', length, `nothing for a ${type}`]],
    [
      write === 'only_increase' && !HAS_ORDER.includes(type),
      ['write', write, `always, fill_if_empty or on_create for a ${type}: only numbers and dates increase`],
    ],
    [
      clear && ['fill_if_empty', 'only_increase'].includes(write),
      ['clear', true, `nothing beside write: ${write}, which never empties a field`],
    ],
    [
      by_hand !== undefined && ['fill_if_empty', 'on_create'].includes(write),
      ['by_hand', by_hand, `nothing beside write: ${write}, which leaves every value as it is`],
    ],
    [
      values !== undefined && !CAN_BE_CHOSEN.includes(type),
      ['values', 'a table', `nothing for a ${type}: only a picklist or a text`],
    ],
    [otherwise !== undefined && values === undefined, ['otherwise', otherwise, '`values` beside it']],
    [
      unique && write !== 'always',
      ['write', write, 'always, since records are found again by a unique field'],
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, told]) => told);
}
