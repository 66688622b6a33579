import { type OwnerRow, ownerReport } from '../../store/handoff/report.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { table } from '../table.ts';

export const owners: Verb = {
  name: 'owners',
  usage: '',
  summary:
    'Who can be given accounts: open tasks, new ones this week and how many a week takes, who is out, and whom a CRM did not know when it was last asked.',
  options: {},
  help: {},
  run: ({ json }) =>
    withRecord(async ({ db, mappings }) => {
      const found = await ownerReport(db, mappings.handoff.team, Date.now());
      if (json) {
        printJson({ owners: found });
      } else {
        print(found.length === 0 ? 'handoff.yaml names nobody, and nobody has a task' : textOf(found));
      }
      return EXIT.done;
    }),
};

function textOf(owners: readonly OwnerRow[]): string {
  return table(
    ['person', 'pools', 'open', 'this week', 'out until', 'to know'],
    owners.map((one) => [
      one.person,
      one.pools.join(', '),
      one.open,
      one.aWeek === null ? one.week : `${one.week} of ${one.aWeek}`,
      one.outUntil,
      toKnow(one).join(', '),
    ]),
  );
}

function toKnow({ crm, configured }: OwnerRow): string[] {
  // HubSpot lists only who is there: whoever left it is unknown to it.
  const missing = Object.entries(crm).filter(([, said]) => said !== 'active');
  return [
    ...missing.map(([name]) => `inactive or unknown in ${name}`),
    ...(configured ? [] : ['not in handoff.yaml']),
  ];
}
