import { readFileSync } from 'node:fs';
import { type Assessment, assess, type Previous } from '../../../../src/decide/assess.ts';
import type { Policy, TaskPayload } from '../../../../src/decide/decide.ts';
import type { ProductEvent } from '../../../../src/events/event.ts';
import { loadMappings, type Mappings } from '../../../../src/mappings.ts';
import { DAY, HOUR } from '../../../../src/shared/time.ts';
import { event, group, identify, NOON } from '../../../support/event.ts';
import { shippedMappings, shippedPolicy } from '../../../support/policy.ts';
import { stateOf } from '../../../support/state.ts';

type Traits = Record<string, string | number | boolean | null>;

/** One account of a product, from its first day to the one on which it crosses. */
export interface Story {
  title: string;
  account: Traits;
  people: Record<string, Traits>;
  /** Who did what, how many days before noon, with which properties. */
  did: [string, string, number, Record<string, string | number | boolean>?][];
  /** Another model than the champion. */
  model?: string;
  /** Words of ours are filled in; else handoff.yaml is as it is shipped. */
  filled?: boolean;
  /** Later looks, days after the crossing: the text of the last one that makes a task is shown. */
  later?: number[];
}

const FILLED: [string, string][] = [
  ['product: ""', 'product: Orbit'],
  ['upgrade_link: ""', 'upgrade_link: https://orbit.example/upgrade'],
  ['calendar_link: ""', 'calendar_link: https://cal.example/dana'],
  ['compare_link: ""', 'compare_link: https://orbit.example/plans'],
  ['help: ""', 'help: https://orbit.example/guides/teams'],
  [
    'plans: []',
    'plans: [{ id: free, name: Free }, { id: pro, name: Pro, unlocks: roles and team reports }, { id: business, name: Business, unlocks: SSO and audit logs }]',
  ],
];

/** The shipped folder with words of ours and plans, as an operator would fill them in. */
export function filledMappings(): Mappings {
  let text = readFileSync('mappings/handoff.yaml', 'utf8');
  for (const [empty, full] of FILLED) {
    text = text.replace(empty, full);
  }
  const mappings = loadMappings('mappings', new Map([['handoff.yaml', text]]));
  if (!mappings.ok) {
    throw new Error(JSON.stringify(mappings.error));
  }
  return mappings.value;
}

const shipped = shippedMappings();
const filled = filledMappings();

function policyOf({ model, filled: isFilled = false }: Story): Policy {
  const mappings = isFilled ? filled : shipped;
  const policy = shippedPolicy(mappings);
  const other = mappings.files.find((file) => file.model.model === model)?.model;
  return { ...policy, model: other ?? policy.model };
}

function eventsOf({ account, people, did }: Story): ProductEvent[] {
  const joined = Object.entries(people).flatMap(([userId, traits]) => [
    group('acct-7', {}, { userId, at: NOON - 80 * DAY }),
    ...(Object.keys(traits).length === 0 ? [] : [identify(traits, { userId, at: NOON - 80 * DAY })]),
  ]);
  const [anybody = 'u'] = Object.keys(people);
  return [
    ...joined,
    group('acct-7', account, { userId: anybody, at: NOON - 79 * DAY }),
    ...did.map(([userId, name, daysAgo, properties = {}]) =>
      event({ userId, name, at: NOON - daysAgo * DAY, properties }),
    ),
  ];
}

/** The task of the crossing, or of the last later look that makes one, through the real fold, score and decision. */
export function taskOf(story: Story): TaskPayload {
  const policy = policyOf(story);
  const events = eventsOf(story);
  const state = stateOf('acct-7', events);
  const plan = (story.filled ? filled : shipped).signals;
  const triggers = events.filter(({ at }) => at > NOON - HOUR).flatMap((one) => plan.triggersOf(one));
  let last: (Assessment & Previous) | undefined;
  let task: TaskPayload | undefined;
  for (const days of [0, ...(story.later ?? [])]) {
    const occasion = { now: NOON + days * DAY, act: true, triggers: days === 0 ? triggers : [], joined: [] };
    last = assess(policy, state, last, occasion);
    const made = last.decision?.acts.flatMap((act) =>
      act.kind === 'task' && act.skip === null ? [act.payload] : [],
    );
    task = made?.[0] ?? task;
  }
  if (task === undefined) {
    throw new Error(
      `${story.title}: no task, ${last?.evaluation.value} points, ${JSON.stringify(last?.route)}`,
    );
  }
  return task;
}

const ANN = { name: 'Ann Lee', email: 'ann.lee@initech.example', title: 'Head of Operations' };
const RAJ = { first_name: 'Raj', last_name: 'Patel', email: 'raj@initech.example', title: 'Data Analyst' };
const MIA = { name: 'Mia Torres', email: 'mia@initech.example', title: 'VP Engineering' };
const FIT = { name: 'Initech', employees: 240, industry: 'Software' };

/** 35 points of set-up, some days ago. */
const SET_UP: Story['did'] = [
  ['ann', 'Workflow Configured', 6],
  ['ann', 'API Integration Created', 5],
];
const INVITED = (who: string, names: string, daysAgo: number): Story['did'] =>
  [...names].map((name) => [who, 'Invite Sent', daysAgo, { invitee_email: `${name}@initech.example` }]);
/** 90 points without any limit. */
const TEAM: Story['did'] = [...SET_UP, ...INVITED('ann', 'bcde', 4)];
const FITTER = { ...FIT, tech_stack: ['slack', 'jira'] as never };
const soon = 0.01;

export const STORIES: Story[] = [
  {
    title: 'a limit, three times, one person, words of ours filled in',
    filled: true,
    account: { ...FIT, plan: 'free' },
    people: { ann: ANN, raj: RAJ },
    did: [
      ...SET_UP,
      ['ann', 'Limit Breach Attempted', 4, { limit: 'seats' }],
      ['ann', 'Limit Breach Attempted', 2, { limit: 'seats' }],
      ['ann', 'Limit Breach Attempted', soon, { limit: 'seats' }],
    ],
  },
  {
    title: 'a limit, once, nobody gave a name, as shipped',
    account: FIT,
    people: { ann: { email: 'ops@initech.example' } },
    did: [...SET_UP, ['ann', 'Limit Breach Attempted', soon]],
  },
  {
    title: 'a limit, several people, as shipped',
    account: FIT,
    people: { ann: ANN, raj: RAJ, mia: MIA },
    did: [
      ...SET_UP,
      ['raj', 'Limit Breach Attempted', 9, { limit: 'projects' }],
      ['ann', 'Limit Breach Attempted', 3, { limit: 'projects' }],
      ['raj', 'Limit Breach Attempted', soon, { limit: 'projects' }],
    ],
  },
  {
    title: 'a paid feature, a vice president, filled in',
    filled: true,
    account: { ...FITTER, plan: 'pro' },
    people: { mia: MIA, ann: ANN },
    did: [...TEAM, ['mia', 'Premium Feature Attempted', soon, { feature: 'sso' }]],
  },
  {
    title: 'a paid feature that the event does not name, as shipped',
    account: FITTER,
    people: { ann: { ...ANN, title: null } },
    did: [...TEAM, ['ann', 'Premium Feature Attempted', soon]],
  },
  {
    title: 'teammates, one person, filled in',
    filled: true,
    account: { ...FITTER, plan: 'Free' },
    people: { ann: ANN },
    did: [...SET_UP, ...INVITED('ann', 'bc', 3), ...INVITED('ann', 'defg', soon)],
  },
  {
    title: 'teammates, two people, as shipped',
    account: FITTER,
    people: { ann: ANN, raj: RAJ },
    did: [...SET_UP, ...INVITED('ann', 'bcd', 3), ...INVITED('raj', 'ef', soon)],
  },
  {
    title: 'the pricing page, filled in',
    filled: true,
    account: { ...FITTER, plan: 'free' },
    people: { raj: RAJ, ann: ANN },
    did: [...TEAM, ['raj', 'Pricing Page Viewed', 1], ['raj', 'Pricing Page Viewed', soon]],
  },
  {
    title: 'the upgrade page in the product, as shipped',
    account: FITTER,
    people: { ann: ANN },
    did: [...TEAM, ['ann', 'Pricing Page Viewed', soon, { in_app: true }]],
  },
  {
    title: 'a checkout that was just begun, filled in',
    filled: true,
    account: { ...FITTER, plan: 'free' },
    people: { ann: ANN },
    did: [...TEAM, ['ann', 'Checkout Started', soon]],
  },
  {
    title: 'a demo, filled in',
    filled: true,
    account: FITTER,
    people: { mia: MIA, ann: ANN },
    did: [...TEAM, ['mia', 'Demo Requested', soon]],
  },
  {
    title: 'sales, from somebody whose address nobody knows, as shipped',
    account: FITTER,
    people: { ann: { email: 'ann.lee@initech.example', name: 'Ann Lee' }, visitor: {} },
    did: [...TEAM, ['visitor', 'Contact Sales Clicked', soon]],
  },
  {
    title: 'a question about buying, as shipped',
    account: FITTER,
    people: { raj: RAJ, ann: ANN },
    did: [...TEAM, ['raj', 'Sales Question Asked', soon]],
  },
  {
    title: 'a workflow, as shipped',
    account: FITTER,
    people: { ann: ANN },
    did: [
      ['ann', 'API Integration Created', 5],
      ...INVITED('ann', 'bcde', 4),
      ['ann', 'Workflow Configured', soon],
    ],
  },
  {
    title: 'an aha moment, to sales-assist with a small contract: the link and no call, filled in',
    filled: true,
    model: 'three-signal',
    account: {
      name: 'Hooli',
      employees: 150,
      industry: 'Software',
      country: 'US',
      acv_potential: 6000,
      plan: 'free',
    },
    people: { ann: { ...ANN, email: 'ann@hooli.example', title: 'CEO' }, raj: {}, mia: {} },
    did: [
      ['ann', 'Key Feature Used', 4],
      ['ann', 'Key Feature Used', 3],
      ['raj', 'Key Feature Used', 2],
      ['mia', 'Key Feature Used', 2],
      ['ann', 'Aha Moment Reached', soon],
    ],
  },
  {
    title: 'steady use that nothing in particular set off, as shipped',
    model: 'composite',
    account: { name: 'Globex', domain: 'globex.example' },
    people: { ann: { ...ANN, email: 'ann@globex.example' }, raj: { ...RAJ, email: 'raj@globex.example' } },
    did: [
      ...Array.from({ length: 18 }, (_, i): Story['did'][number] => [
        i % 3 === 0 ? 'raj' : 'ann',
        'Core Action Completed',
        18 - i + soon,
        { action: 'report_created' },
      ]),
      ...['a', 'b', 'c', 'd'].map((feature, i): Story['did'][number] => [
        'ann',
        'Key Feature Used',
        9 - i,
        { feature },
      ]),
      ['ann', 'Invite Sent', 20, { invitee_email: 'raj@globex.example' }],
      ['ann', 'Invite Sent', 20, { invitee_email: 'x@globex.example' }],
      ['ann', 'Integration Connected', 19, { integration: 'slack' }],
      ['ann', 'Workflow Configured', 15],
    ],
  },
  {
    title: 'a customer who came up against a limit, filled in',
    filled: true,
    account: { ...FIT, plan: 'pro', is_customer: true },
    people: { ann: ANN, raj: RAJ },
    did: [
      ...SET_UP,
      ['raj', 'Limit Breach Attempted', 2, { limit: 'seats' }],
      ['ann', 'Limit Breach Attempted', soon, { limit: 'seats' }],
    ],
  },
  {
    title: 'a customer with new colleagues, as shipped',
    account: { ...FITTER, is_customer: true },
    people: { ann: ANN, raj: RAJ },
    did: [
      ...SET_UP,
      ...INVITED('ann', 'bcde', 2),
      ['raj', 'Invite Accepted', soon, { invitee_email: 'b@initech.example' }],
    ],
  },
  {
    title: 'nobody has a name or an address, as shipped',
    account: { ...FIT, name: null },
    people: { 'user-81': {} },
    did: [
      ['user-81', 'Workflow Configured', 3],
      ['user-81', 'API Integration Created', 3],
      ['user-81', 'Limit Breach Attempted', soon],
    ],
  },
  {
    title: 'the second touch, filled in',
    filled: true,
    account: { ...FIT, plan: 'free' },
    people: { ann: ANN },
    did: [
      ...SET_UP,
      ['ann', 'Limit Breach Attempted', soon, { limit: 'seats' }],
      ['ann', 'Workflow Configured', -2],
    ],
    later: [3],
  },
  {
    title: 'the second touch, as shipped',
    account: FIT,
    people: { ann: ANN },
    did: [...SET_UP, ['ann', 'Limit Breach Attempted', soon], ['ann', 'Workflow Configured', -2]],
    later: [3],
  },
  {
    title: 'the third touch, as shipped',
    account: FIT,
    people: { ann: ANN },
    did: [
      ...SET_UP,
      ['ann', 'Limit Breach Attempted', soon],
      ['ann', 'Workflow Configured', -2],
      ['ann', 'Workflow Configured', -9],
    ],
    later: [3, 10],
  },
];
