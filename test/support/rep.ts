import type { HubspotSandbox } from '../../src/sandbox/hubspot/index.ts';

/** What a rep does to a task in HubSpot. */
export async function asRep(
  { url }: HubspotSandbox,
  task: string | undefined,
  properties: Record<string, string>,
): Promise<void> {
  const answer = await fetch(`${url}/crm/v3/objects/tasks/${task}`, {
    method: 'PATCH',
    headers: { authorization: 'Bearer a-rep', 'content-type': 'application/json' },
    body: JSON.stringify({ properties }),
  });
  if (!answer.ok) {
    throw new Error(`the stand-in answered ${answer.status}`);
  }
}
