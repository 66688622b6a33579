import type { Associations } from './associations.ts';
import { ENGAGEMENTS, type Engagement } from './engagements.ts';
import type { Properties } from './validate.ts';

type Look = (object: Engagement, id: string) => { properties: Properties; createdAt: number } | undefined;

/**
 * What HubSpot calculates of a company's activities. Notes and tasks are no contact; a meeting may lie ahead. Nothing of it
 * counts as a change of the company.
 */
export function rollUps(associations: Associations, look: Look, company: string): Properties {
  const all = ENGAGEMENTS.filter((one) => one !== 'notes').flatMap((object) =>
    associations.of('companies', company, object).flatMap(({ toId }) => {
      const found = look(object, toId);
      return found === undefined
        ? []
        : [{ object, ...found.properties, createdAt: found.createdAt, at: timeOf(found) }];
    }),
  );
  if (all.length === 0) {
    return {};
  }
  const meetings = all.filter(({ object }) => object === 'meetings');
  const replies = all.filter(
    (one) => 'hs_email_direction' in one && one.hs_email_direction === 'INCOMING_EMAIL',
  );
  return {
    num_contacted_notes: String(all.length),
    ...latest('notes_last_contacted', all),
    ...latest('notes_last_updated', all),
    ...latest('hs_sales_email_last_replied', replies),
    ...latest('hs_latest_meeting_activity', meetings),
  };
}

function timeOf({ properties, createdAt }: { properties: Properties; createdAt: number }): number {
  const text = properties.hs_timestamp ?? '';
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text) || createdAt;
}

function latest(name: string, among: readonly { at: number }[]): Properties {
  return among.length === 0 ? {} : { [name]: new Date(Math.max(...among.map(({ at }) => at))).toISOString() };
}
