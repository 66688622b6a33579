import type { ConfigProblem } from '../shared/config-file.ts';
import type { SchemaProblem } from '../sync/crm.ts';
import type { Crm } from './crms.ts';
import { createdObjects, mappedFields, ownersNamed, readFields } from './mapped.ts';

/** What of the mapping a connected CRM contradicts. A field too narrow for some values is no reason to stop. */
export async function schemaProblems(crm: Crm): Promise<SchemaProblem[]> {
  const fields = [...mappedFields(crm.mapping), ...readFields(crm)];
  const problems = await crm.connector.checkSchema(fields, createdObjects(crm));
  return [...problems.filter(({ minor }) => minor !== true), ...(await ownerProblems(crm))];
}

/** The problem with file and line. */
export function atItsLine(
  { mapping }: Crm,
  { object, field, problem, remedy }: SchemaProblem,
): ConfigProblem {
  return mapping.problemAt(object, field, problem, remedy);
}

/** Names that the CRM has nobody for. Somebody who is inactive now may come back. */
async function ownerProblems(crm: Crm): Promise<SchemaProblem[]> {
  const { mapping, connector } = crm;
  const named = ownersNamed(crm);
  const unknown = named.length === 0 ? [] : await connector.tasks.unknownOwners(named);
  return [...new Set(unknown)].map((name) => ({
    object: 'owner',
    field: name,
    problem: `"${name}", whom ${mapping.crm} does not know`,
    remedy: 'the e-mail of a user of the CRM; as a fallback also the name of a queue that may own tasks',
  }));
}
