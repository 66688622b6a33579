import { afterEach, describe, expect, it } from 'vitest';
import { badAnswers, type HubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import type { Outcomes } from '../../src/sync/crm.ts';
import { account, membership, NOON, person, task, type World, world } from './hubspot-world.ts';

let open: World | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const RECORDS = [
  { object: 'companies' as const, properties: { name: 'Initech', domain: 'initech.example' } },
  { object: 'contacts' as const, properties: { email: 'peter@initech.example' } },
];

type Write = (world: World, attempt: number) => Promise<Outcomes>;

/** Every write the port knows, each with two records. */
const WRITES: [string, Write][] = [
  [
    'linked companies',
    ({ crm, sandbox }) => {
      const crmId = sandbox.records('companies')[0]?.id ?? '';
      return crm.writeAccounts([account({ key: 'a', crmId }), account({ key: 'b', crmId: '999' })]);
    },
  ],
  [
    'new companies',
    ({ crm }) =>
      crm.writeAccounts([
        account({ key: 'a' }),
        account({ key: 'b', domain: 'b.example', createFields: { name: 'B', domain: 'b.example' } }),
      ]),
  ],
  [
    'contacts',
    ({ crm, sandbox }) => {
      const accountCrmId = sandbox.records('companies')[0]?.id ?? '';
      const other = person({ key: 'b', email: 'b@initech.example', accountCrmId });
      return crm.writePeople([person({ key: 'a', accountCrmId }), other]);
    },
  ],
  [
    'members',
    ({ crm, sandbox }) => {
      const personCrmId = sandbox.records('contacts')[0]?.id ?? '';
      const member = membership({ personCrmId, lifecycleStage: 'marketingqualifiedlead' });
      return crm.addMembers([
        { ...member, key: 'a' },
        { ...member, key: 'b', campaign: 'Other' },
      ]);
    },
  ],
  [
    'tasks',
    ({ crm }, attempt) => {
      const tried = attempt === 1 ? {} : { firstTriedAt: NOON, uncertain: true };
      return crm.createTasks(['a', 'b'].map((key) => task({ key, subject: key, ...tried })));
    },
  ],
];

const FAULTS = {
  'daily limit': badAnswers.dailyLimit(),
  'secondly limit': badAnswers.secondlyLimit(),
  'ten-secondly limit': badAnswers.tenSecondlyLimit(),
  'locked record': badAnswers.locked(),
  'data centre migration': badAnswers.migrating(3_600),
  'missing scope': badAnswers.missingScopes('crm.objects.companies.write'),
  'internal error': badAnswers.internalError(),
  'bad gateway in HTML': badAnswers.badGateway(),
  '503 without Content-Type': badAnswers.unavailableWithoutType(),
  'empty 200': badAnswers.emptySuccess(200),
  'empty 201': badAnswers.emptySuccess(201),
  'reset before': badAnswers.lostBefore(),
  'reset after': badAnswers.lostAfter(),
};

describe('every fault at every call of every write is an outcome, and the repeat makes it right', () => {
  const cases = WRITES.flatMap(([write, run]) =>
    Object.entries(FAULTS).map(([name, fault]) => ({ write, name, run, fault })),
  );

  it.each(cases)('$name on $write', async ({ run, fault }) => {
    open = await world({ seed: RECORDS });
    const expected = states(await run(open, 1));
    const calls = open.sandbox.calls().length;
    await open.close();
    for (let skip = 0; skip < calls; skip += 1) {
      open = await world({ seed: RECORDS });
      open.sandbox.faults.add({ path: '*', skip, ...fault });
      const outcomes = await run(open, 1);
      expect([...outcomes.keys()].sort()).toEqual(['a', 'b']);
      expect(states(await run(open, 2))).toEqual(expected);
      expect(doubles(open.sandbox)).toEqual([]);
      await open.close();
    }
  });
});

function states(outcomes: Outcomes): string[] {
  return ['a', 'b'].map((key) => outcomes.get(key)?.state ?? 'no outcome');
}

/** Companies by domain, tasks by subject, contacts by e-mail, lists by name: whatever stands there twice. */
function doubles(sandbox: HubspotSandbox): string[] {
  const names = [
    ...sandbox.records('companies').map(({ properties }) => properties.domain),
    ...sandbox.records('contacts').map(({ properties }) => properties.email),
    ...sandbox.records('tasks').map(({ properties }) => properties.hs_task_subject),
    ...sandbox.records('lists').map(({ properties }) => properties.name),
  ].filter((name) => name !== undefined);
  return names.filter((name, index) => names.indexOf(name) !== index);
}
