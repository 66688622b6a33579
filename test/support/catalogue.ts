/** A small signals.yaml with every way of counting that a model can ask for. */
export const CATALOGUE = `
activity: { ignore: [Ping], public_pages: [] }
signals:
  signed_up: { events: [Signed Up], count: once }
  feature: { events: [Key Feature Used], count: each }
  invites: { events: [Invite Sent], count: distinct value, of: invitee_email }
  calls: { events: [API Calls Made], count: sum, of: count }
  flow: { events: [Workflow Configured], count: once }
  shared: { events: [Report Shared], where: { external: { equals: true } }, count: each }
  started: { events: [Checkout Started], count: each, recent: 200 }
  completed: { events: [Checkout Completed], count: each, recent: 200 }
  abandoned: { abandoned: { started: started, completed: completed, after_hours: 24 }, count: each }
  hand: { any_of: [flow, started], count: each }
  setup: { some_of: [flow, invites, calls] }
  finished: { ratio: { of: completed, to: started, at_least_to: 2 } }
`;

/** Ways in which a model may count each of them; none: it is a number itself. */
export const COUNTS: Readonly<Record<string, readonly string[]>> = {
  activity: ['once', 'each', 'distinct users', 'distinct days', 'consecutive days'],
  signed_up: ['once', 'each'],
  feature: ['once', 'each', 'distinct users', 'distinct days', 'consecutive days'],
  invites: ['once', 'each', 'distinct value', 'distinct users', 'distinct days'],
  calls: ['sum', 'once', 'distinct users', 'distinct days'],
  flow: ['once', 'each', 'distinct users'],
  shared: ['once', 'each', 'distinct days'],
  abandoned: ['once', 'each', 'distinct users'],
  hand: ['once', 'each', 'distinct users', 'distinct days'],
  setup: [],
  finished: [],
};

/** Those that happen at an instant; the others are numbers made of numbers. */
export const OCCURRING: readonly string[] = Object.keys(COUNTS).filter((id) => COUNTS[id]?.length !== 0);
