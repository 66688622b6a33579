import { isIdle, type UnassignedStatus } from '../../read-model.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';

export const status: Verb = {
  name: 'status',
  usage: '',
  summary: 'What is waiting, what is parked, and whether everything is idle.',
  options: {},
  help: {},
  run: ({ json }) =>
    withRecord(async ({ read }) => {
      const found = await read.status();
      const { journal, accounts, unassigned, crm } = found;
      const idle = isIdle(found);
      if (json) {
        printJson({ idle, ...found });
        return EXIT.done;
      }
      print(
        [
          idle ? 'idle: nothing is waiting, apart from what is parked or paused' : 'working',
          `journal   ${journal.events} events, ${journal.unfolded} not folded yet, ${journal.quarantined} in quarantine`,
          `accounts  ${accounts.total}, ${accounts.dirty} to be scored, ${accounts.overdue} overdue, ${accounts.refold} people to be folded again`,
          ...(accounts.contestedDomains === 0
            ? []
            : [
                `domains   ${accounts.contestedDomains} belong to several group accounts and merge into none`,
              ]),
          ...unassignedLines(unassigned),
          ...Object.entries(crm).map(
            ([name, one]) =>
              `${name.padEnd(9)} ${one.connection}, ${one.waiting} waiting, ${one.parked} parked${one.paused === null ? '' : `, paused ${one.paused}`}`,
          ),
        ].join('\n'),
      );
      return EXIT.done;
    }),
};

function unassignedLines({ people, eventsWithoutIds, countedUpTo }: UnassignedStatus): string[] {
  const figures = Object.entries(people)
    .filter(([, count]) => count > 0)
    .map(([why, count]) => `${count}${count === countedUpTo ? ' or more' : ''} ${why.replaceAll('_', ' ')}`);
  const events = eventsWithoutIds === 0 ? [] : [`${eventsWithoutIds} events without any id`];
  const all = [...figures, ...events];
  return all.length === 0 ? [] : [`alone     ${all.join(', ')}: pql unassigned`];
}
