import { ALWAYS } from '../../decide/handoff/business-hours.ts';
import type { Digest } from '../../decide/handoff/digest.ts';
import type { Team } from '../../decide/handoff/team.ts';
import type { Mapping } from '../../decide/mapping.ts';
import type { Mappings } from '../../mappings.ts';
import type { SlackUser } from '../../sandbox/slack/workspace.ts';

/** People whom the stand-ins of both CRMs and of Slack know. */
export const REPS: SlackUser[] = [
  { id: 'U0ADA00001', email: 'ada.rep@sandbox.example', name: 'Ada Rep' },
  { id: 'U0BEN00001', email: 'ben.rep@sandbox.example', name: 'Ben Rep' },
];

const POOL = 'demo';

/**
 * The configuration with somebody to hand accounts to and a mail for each day, where it names nobody: a file that names real people
 * cannot be shipped.
 */
export function withDemoTeam(mappings: Mappings): Mappings {
  const { handoff, hubspot, salesforce } = mappings;
  if (handoff.team.people.size > 0) {
    return mappings;
  }
  return {
    ...mappings,
    handoff: { ...handoff, team: TEAM, digest: handoff.digest ?? DIGEST },
    hubspot: elseThePool(hubspot),
    salesforce: elseThePool(salesforce),
  };
}

function elseThePool(mapping: Mapping): Mapping {
  const { task } = mapping;
  return { ...mapping, task: { ...task, owner: [...task.owner, { pool: POOL }] } };
}

const EMAILS = REPS.map(({ email }) => email);

const TEAM: Team = {
  people: new Map(
    REPS.map(({ email, name }) => [
      email,
      { email, name, manager: null, aWeek: null, out: [], hours: ALWAYS },
    ]),
  ),
  pools: new Map([[POOL, { id: POOL, people: EMAILS, pick: 'round_robin', aWeek: null }]]),
};

const DIGEST: Digest = {
  at: 8 * 60,
  timezone: 'UTC',
  offset: () => 0,
  weekdays: new Set([0, 1, 2, 3, 4]),
  owners: true,
  addresses: ['head.of.sales@sandbox.example'],
  from: { name: 'PQL', address: 'pql@sandbox.example' },
};
