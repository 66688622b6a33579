import { namedOwners } from '../decide/acts-mapping.ts';
import { nameBeforeCrossing } from '../decide/campaign-name.ts';
import { SKIP } from '../decide/desired.ts';
import type { Handoff } from '../decide/handoff/read.ts';
import type { Mapping, ReadSpec } from '../decide/mapping.ts';
import type { MappedField } from '../sync/crm.ts';
import type { OwnerName } from '../sync/crm-tasks.ts';
import type { Crm } from './crms.ts';

/** What a mapping asks of its CRM, for those who look whether it is there, and for those who make it. */

/** Every field that is written. */
export function mappedFields({ allFields }: Mapping): MappedField[] {
  return allFields.map(({ object, field, type, unique, write, length, values, otherwise }) => ({
    object,
    field,
    type,
    unique,
    ...(length === undefined ? {} : { length }),
    ...(write === 'on_create' ? { createOnly: true as const } : {}),
    ...(values === undefined ? {} : { values: [...Object.values(values), ...written(otherwise)] }),
  }));
}

function written(otherwise = SKIP): string[] {
  return otherwise === SKIP ? [] : [otherwise];
}

/** Objects of which the mapping lets records be made. */
export function createdObjects({ mapping, name }: Crm): string[] {
  const [account, person] = name === 'hubspot' ? ['company', 'contact'] : ['Account', 'Contact'];
  return [
    ...(mapping.account.create === 'never' ? [] : [account]),
    ...(mapping.person.create === 'never' ? [] : [person]),
  ];
}

/** Fields that only must be there. */
export function readFields({ mapping, name }: Crm): MappedField[] {
  const [account, people] = name === 'hubspot' ? ['company', ['contact']] : ['Account', ['Contact', 'Lead']];
  const onlyRead = (object: string, reads: readonly ReadSpec[]) =>
    reads
      .filter(({ field, optional }) => !optional && !isWritten(mapping, object, field))
      .map(({ field }) => ({ object, field, type: 'text' as const, unique: false, readOnly: true as const }));
  return [
    ...onlyRead(account, mapping.reads),
    ...people.flatMap((object) => onlyRead(object, mapping.personReads)),
  ];
}

function isWritten({ allFields }: Mapping, object: string, field: string): boolean {
  return allFields.some((spec) => spec.object === object && spec.field === field);
}

/** Whether deals (opportunities) are read back. */
export function readsDeals({ readDealsEvery }: Mapping): boolean {
  return readDealsEvery !== null;
}

/** The campaign that a set-up can make: one whose name hangs on who crosses comes with its first member. */
export function campaignsBefore({ campaign }: Mapping, now: number): string[] {
  const name = nameBeforeCrossing(campaign.name, now, campaign.timezone);
  return name === null ? [] : [name];
}

/** Whom the mapping names. A stand-in knows none of the operator's people, and there it stops nothing. */
export function ownersNamed({ mapping, sandbox }: Crm): OwnerName[] {
  return sandbox ? [] : namedOwners(mapping.task.owner);
}

/** Whom handoff.yaml names, also those to whom broken promises go: one CRM need not know all of them, so that it stops no start. */
export function peopleNamed(
  { sandbox }: Crm,
  { team: { people }, sla }: Pick<Handoff, 'team' | 'sla'>,
): OwnerName[] {
  const others = sla.flatMap(({ escalate }) => (escalate?.to.includes('@') ? [escalate.to] : []));
  return sandbox ? [] : [...new Set([...people.keys(), ...others])].map((name) => ({ name, queue: false }));
}
