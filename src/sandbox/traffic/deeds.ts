import type { Cast } from './cast.ts';

/** One product event, before it is put on a wire. */
export interface Deed {
  event: string;
  properties: Record<string, string | number | boolean>;
}

type Telling = (detail: string, who: Cast, invited: number) => Deed[];

const one =
  (event: string, properties: Deed['properties'] = {}): Telling =>
  () => [{ event, properties }];
const naming =
  (event: string, property: string): Telling =>
  (detail) => [{ event, properties: { [property]: detail } }];

/** The verbs of a plot and the events of the tracking plan that they stand for. */
const VERBS: Record<string, Telling> = {
  'signs up': (_detail, who) => [
    { event: 'Signed Up', properties: { type: 'organic', email: who.email, title: who.title } },
  ],
  joins: (_detail, who) => [
    { event: 'Invite Accepted', properties: { invitee_email: who.email } },
    { event: 'Signed Up', properties: { type: 'invited', email: who.email, title: who.title } },
  ],
  'invites again': (detail, who) => invitations(Number(detail), who, 0).map(shouted),
  invites: (detail, who, invited) => invitations(Number(detail), who, invited),
  'configures a workflow': one('Workflow Configured', { workflow_id: 'w-1' }),
  'creates an API integration': one('API Integration Created'),
  breaches: naming('Limit Breach Attempted', 'limit'),
  reaches: naming('Limit Reached', 'limit'),
  approaches: naming('Limit Approached', 'limit'),
  uses: naming('Key Feature Used', 'feature'),
  tries: naming('Premium Feature Attempted', 'feature'),
  connects: naming('Integration Connected', 'integration'),
  imports: naming('Data Imported', 'kind'),
  'looks at pricing': one('Pricing Page Viewed', { in_app: true }),
  'compares plans': one('Plans Compared'),
  'requests a demo': one('Demo Requested'),
  'finishes onboarding': () => [
    ...['profile', 'workspace', 'first report'].map((step) => ({
      event: 'Onboarding Step Completed',
      properties: { step },
    })),
    { event: 'Onboarding Completed', properties: {} },
  ],
  'shares a report': one('Report Shared', { external: true }),
  'has the aha': one('Aha Moment Reached'),
};

/** How many different teammates a plot sentence invites. */
export function newInvitations(sentence: string): number {
  const { verb, detail } = split(sentence);
  return verb === 'invites' ? Number(detail) : 0;
}

/**
 * `invites 4` -> four events. `invited`: how many teammates were invited before. Throws on an unknown verb.
 */
export function deedsOf(sentence: string, who: Cast, invited: number): Deed[] {
  const { verb, detail } = split(sentence);
  return (VERBS[verb] as Telling)(detail, who, invited);
}

function split(sentence: string): { verb: string; detail: string } {
  // Longest first, so that `invites again 2` is not read as `invites`.
  const verb = Object.keys(VERBS)
    .sort((a, b) => b.length - a.length)
    .find((known) => sentence === known || sentence.startsWith(`${known} `));
  if (verb === undefined) {
    throw new Error(`the plot says "${sentence}"; the verbs are: ${Object.keys(VERBS).join(', ')}`);
  }
  return { verb, detail: sentence.slice(verb.length).trim() };
}

function invitations(count: number, who: Cast, from: number): Deed[] {
  return Array.from({ length: count }, (_, i) => ({
    event: 'Invite Sent',
    properties: { invitee_email: `teammate${from + i + 1}@${who.mailDomain}` },
  }));
}

/** The same teammate as typed by somebody else: no new seat. */
function shouted(deed: Deed): Deed {
  return { ...deed, properties: { invitee_email: String(deed.properties.invitee_email).toUpperCase() } };
}
