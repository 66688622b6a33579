import type { Config } from '../config.ts';
import type { Mappings } from '../mappings.ts';
import type { ConfigProblem } from '../shared/config-file.ts';
import { within } from '../shared/within.ts';
import { START_PATIENCE } from './connections.ts';
import type { Crm } from './crms.ts';
import { atItsLine, schemaProblems } from './schema-problems.ts';
import { withCrms } from './with-crms.ts';

/** What the CRMs say about their mappings. */
export interface Asked {
  /** What the mapping can never write: formulas, read-only fields, other types, values that a picklist lacks. */
  problems: ConfigProblem[];
  /** What is no mistake of the configuration: a CRM that did not answer, fields that set-up is yet to make. */
  notes: string[];
}

/**
 * Asks the CRMs that have credentials whether they can take what the mappings write, by reading only. Without credentials
 * nobody is asked: a stand-in knows nothing that the files do not say.
 */
export async function askCrms(config: Config, mappings: Mappings): Promise<Asked> {
  if (config.HUBSPOT_ACCESS_TOKEN === undefined && config.SALESFORCE_CLIENT_ID === undefined) {
    return { problems: [], notes: [] };
  }
  return withCrms(config, mappings, null, async (crms) => {
    const asked = await Promise.all(crms.map((crm) => within(START_PATIENCE, ask(crm), () => late(crm))));
    return {
      problems: asked.flatMap(({ problems }) => problems),
      notes: asked.flatMap(({ notes }) => notes),
    };
  });
}

async function ask(crm: Crm): Promise<Asked> {
  try {
    await crm.connector.connect();
    const found = await schemaProblems(crm);
    const absent = found.filter((problem) => problem.absent === true);
    return {
      problems: found.filter((one) => one.absent !== true).map((problem) => atItsLine(crm, problem)),
      notes:
        absent.length === 0
          ? []
          : [`${crm.name}: ${absent.length} mapped fields are not there: pql crm setup shows them`],
    };
  } catch (error) {
    return unasked(crm, (error as Error).message);
  }
}

function late(crm: Crm): Asked {
  return unasked(crm, `no answer within ${START_PATIENCE / 1000} seconds`);
}

function unasked({ name }: Crm, why: string): Asked {
  return { problems: [], notes: [`${name}: its fields were not looked at: ${why}`] };
}
