import { CrmUnreachable, type SetupStep } from '../sync/crm.ts';
import type { Crm } from './crms.ts';
import { campaignsBefore, mappedFields, readsDeals } from './mapped.ts';

/** Waits (ms) before what failed for a reason that passes is tried again. */
const WAITS = [1000, 3000];

/**
 * Set-up of one CRM: a second try finds present what the first has made, so a bad moment of the CRM costs seconds and not
 * another run. A CRM that cannot be reached is a step that failed: the other one is set up all the same.
 */
export async function setUp(
  crm: Crm,
  apply: boolean,
  now: () => number,
  sleep: (ms: number) => Promise<unknown>,
): Promise<SetupStep[]> {
  let steps = await attempt(crm, apply, now());
  for (const ms of apply ? WAITS : []) {
    if (!steps.some(({ passing }) => passing)) {
      break;
    }
    await sleep(ms);
    steps = sum(steps, await attempt(crm, apply, now()));
  }
  return steps.map(({ passing: _, ...step }) => step);
}

/** One try; throws when the CRM cannot be reached. */
export function setUpOnce({ connector, mapping }: Crm, apply: boolean, now: number): Promise<SetupStep[]> {
  return connector.setup(mappedFields(mapping), campaignsBefore(mapping, now), apply, readsDeals(mapping));
}

async function attempt(crm: Crm, apply: boolean, now: number): Promise<SetupStep[]> {
  try {
    return await setUpOnce(crm, apply, now);
  } catch (error) {
    const passing = error instanceof CrmUnreachable && !error.permanent ? { passing: true as const } : {};
    return [{ what: 'connection', state: 'failed', detail: (error as Error).message, ...passing }];
  }
}

/** What an earlier try has made is told as made, though a later one finds it present. */
function sum(before: readonly SetupStep[], after: readonly SetupStep[]): SetupStep[] {
  const made = new Map(
    before.filter(({ state }) => state === 'created' || state === 'changed').map((step) => [step.what, step]),
  );
  return after.map((step) => (step.state === 'present' ? (made.get(step.what) ?? step) : step));
}
