import { chunks } from '../../shared/rounds.ts';
import type { SetupStep } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { isFieldThere } from './outcomes.ts';

/** Components of one call of the Metadata API. */
const METADATA_MAX = 10;

interface WireError {
  statusCode?: string;
  message?: string;
}

export interface SaveResult {
  fullName: string;
  success: boolean;
  errors?: WireError | WireError[];
}

/** Those of the named components that the org has. Throws what jsforce throws, e.g. without the right to read them. */
export async function readMetadata<T extends { fullName: string }>(
  client: SalesforceClient,
  type: 'CustomField' | 'PermissionSet',
  fullNames: readonly string[],
): Promise<T[]> {
  const found: T[] = [];
  for (const part of chunks(fullNames, METADATA_MAX)) {
    const read = await client.metadata((connection) => connection.metadata.read(type, part));
    // What the org lacks comes back as an empty record.
    found.push(...(read as unknown as (T | null)[]).filter((one): one is T => Boolean(one?.fullName)));
  }
  return found;
}

/** Creates or updates custom fields; one step for each. */
export async function writeFields(
  client: SalesforceClient,
  how: 'create' | 'update',
  fields: readonly { fullName: string }[],
): Promise<SetupStep[]> {
  const steps: SetupStep[] = [];
  for (const part of chunks(fields, METADATA_MAX)) {
    const results = await client.metadata(
      async ({ metadata }) =>
        (await (how === 'create'
          ? metadata.create('CustomField', part as never)
          : metadata.update('CustomField', part as never))) as unknown as SaveResult[],
    );
    steps.push(...results.map((result) => stepOf(result, how === 'create' ? 'created' : 'changed')));
  }
  return steps;
}

export function stepOf(
  { fullName, success, errors }: SaveResult,
  done: SetupStep['state'] = 'created',
): SetupStep {
  const list = errors === undefined ? [] : [errors].flat();
  if (success) {
    return { what: fullName, state: done, detail: '' };
  }
  // Somebody was quicker.
  return list.some(isFieldThere)
    ? { what: fullName, state: 'present', detail: '' }
    : { what: fullName, state: 'failed', detail: list.map((error) => error.message ?? '').join('; ') };
}
