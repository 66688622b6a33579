import { z } from 'zod';
import type { ActivityType } from './batch.ts';
import type { HubspotApi } from './client.ts';
import type { Reply } from './reply.ts';

/** Of each kind only so many of the newest of a company are read: ids grow with time. */
const NEWEST = 50;
/** Pages of 500 associations of one company and kind. */
const PAGES = 10;

const id = z.union([z.string(), z.number()]).transform(String);

/** Companies without one stand among the errors of a 207. */
const associatedSchema = z.object({
  results: z.array(
    z.object({
      from: z.object({ id }),
      to: z.array(z.object({ toObjectId: id })),
      paging: z.object({ next: z.object({ after: id }).nullish() }).nullish(),
    }),
  ),
});

/** Counts the calls that so many inputs take. */
type Counted = <T>(inputs: number, asked: Promise<T>) => Promise<T>;

/** The newest activities of a kind, by id, with their company. */
export async function newestOf(
  api: HubspotApi,
  type: ActivityType,
  companies: readonly string[],
  counted: Counted,
): Promise<Reply<Map<string, string>>> {
  const ofCompany = new Map<string, string[]>();
  let inputs: { id: string; after?: string }[] = companies.map((company) => ({ id: company }));
  for (let page = 0; inputs.length > 0 && page < PAGES; page++) {
    const asked = api.call(associatedSchema, api.paths.associated('companies', type), { inputs });
    const reply = await counted(inputs.length, asked);
    if (!reply.ok) {
      return reply;
    }
    inputs = [];
    for (const { from, to, paging } of reply.data.results) {
      const ids = to.map(({ toObjectId }) => toObjectId);
      ofCompany.set(from.id, [...(ofCompany.get(from.id) ?? []), ...ids]);
      const after = paging?.next?.after;
      inputs.push(...(after === undefined ? [] : [{ id: from.id, after }]));
    }
  }
  const newest = [...ofCompany].flatMap(([company, ids]) =>
    ids
      .sort(byNumber)
      .slice(-NEWEST)
      .map((id) => [id, company] as const),
  );
  // Of an activity that stands with several companies the first one counts, whoever asks.
  return { ok: true, data: new Map(newest.sort(([, a], [, b]) => byNumber(b, a))) };
}

/** Ids are whole numbers of any length. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
