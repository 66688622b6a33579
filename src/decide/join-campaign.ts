import type { PersonView } from '../accounts/views.ts';
import { contains } from '../accounts/window.ts';
import { calendarAt, campaignName } from './campaign-name.ts';
import type { Act } from './decision.ts';
import type { Handing } from './handing.ts';
import { goesElsewhere } from './handoff/route.ts';
import { crmKey, crossingKey, membershipKey } from './keys.ts';
import type { Mapping } from './mapping.ts';
import { newestFirst } from './texts/people.ts';

/** Who joins the campaign: people with an e-mail who did not opt out and were active lately, newest first, bounded. */
export function memberActs(handing: Handing, mapping: Mapping): Act[] {
  const { situation, play, routed, facts } = handing;
  if (!routed.campaign) {
    return [membership(handing, mapping, null, goesElsewhere(routed))];
  }
  const { active_within_days: days, at_most: most } = play.members;
  const isActive = ({ lastActive }: PersonView) =>
    lastActive !== null && contains({ days }, lastActive, situation.now);
  const members = facts.reachable
    .filter((person) => person.email !== null && isActive(person))
    .sort(newestFirst)
    .slice(0, most);
  if (members.length === 0) {
    const skip = `nobody with an e-mail was active in the last ${days} days`;
    return [membership(handing, mapping, null, skip)];
  }
  return members.map((person) => membership(handing, mapping, person, null));
}

function membership(handing: Handing, mapping: Mapping, person: PersonView | null, skip: string | null): Act {
  const { crossing, facts, why } = handing;
  const { status, statusByTier, lifecycleStage, leadStatus } = mapping.campaign;
  const campaign = campaignOf(handing, mapping);
  const key = membershipKey(campaign, person?.ref ?? `nobody of ${facts.key} ${crossingKey(crossing)}`);
  return {
    crm: mapping.crm,
    kind: 'campaign',
    key,
    person: person?.ref ?? null,
    crossing: crossingKey(crossing),
    reason: why,
    skip,
    payload: {
      crmKey: crmKey(key),
      campaign,
      status: statusByTier[crossing.tier] ?? status,
      lifecycleStage,
      ...(leadStatus === null ? {} : { leadStatus }),
      person: person?.ref ?? '',
    },
  };
}

function campaignOf({ situation, routed, crossing }: Handing, { campaign }: Mapping): string {
  return campaignName(campaign.name, {
    ...calendarAt(situation.now, campaign.timezone),
    model: situation.evaluation.model,
    tier: crossing.tier,
    route: routed.to,
  });
}
