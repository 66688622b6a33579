import { loadMappings } from '../../mappings.ts';
import { type BulkJobStatus, isIdle, type StoreStatus } from '../../read-model/status.ts';
import type { UnassignedStatus } from '../../read-model/unassigned.ts';
import { type ConfigProblem, formatProblem } from '../../shared/config-file.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { configOrThrow, withDatabase } from '../context.ts';
import { budgetInWords } from '../table.ts';

export const status: Verb = {
  name: 'status',
  usage: '',
  summary: 'What is waiting, what is parked, and whether everything is idle.',
  options: {},
  help: {},
  run: ({ json }) => {
    // A broken folder is what one may be looking for here: it hides nothing else.
    const folder = loadMappings(configOrThrow().MAPPINGS_DIR);
    const problems = folder.ok ? [] : folder.error;
    return withDatabase(
      async ({ read }) => {
        const found = await read.status();
        const { journal, accounts, unassigned, configuration, crm } = found;
        const idle = isIdle(found);
        const n = (count: number) => inFigures(count, found.countedUpTo);
        if (json) {
          printJson({ idle, ...found, folder: { problems } });
          return EXIT.done;
        }
        print(
          [
            idle ? 'idle: nothing is waiting, apart from what is parked or paused' : 'working',
            `journal   ${n(journal.events)} events, ${n(journal.unfolded)} not folded yet, ${n(journal.quarantined)} in quarantine`,
            ...journalLines(journal),
            ...forgettingLines(journal),
            `accounts  ${n(accounts.total)}, ${n(accounts.dirty)} to be scored, ${n(accounts.overdue)} overdue, ${n(accounts.refold)} people to be folded again`,
            ...(accounts.contestedDomains === 0
              ? []
              : [
                  `domains   ${accounts.contestedDomains} belong to several group accounts and merge into none`,
                ]),
            ...unassignedLines(unassigned),
            ...digestLines(found.digests),
            ...configuration.refused.map(
              ({ process, since, problems }) =>
                `degraded  process ${process} refuses the configuration since ${since} and goes on with the last good one:\n${lines(problems)}`,
            ),
            ...(problems.length === 0 ? [] : [`broken    the folder here has problems:\n${lines(problems)}`]),
            ...Object.entries(crm).flatMap(([name, one]) => crmLines(name, one, n)),
          ].join('\n'),
        );
        return EXIT.done;
      },
      folder.ok ? folder.value : null,
    );
  },
};

/** A count as it was taken: to the row, or as an estimate, which says that it is one. */
export function inFigures(count: number, countedUpTo: number): string {
  const words = count < countedUpTo ? '' : count === countedUpTo ? 'at least ' : 'about ';
  return `${words}${count}`;
}

function journalLines({ days, first, bytes, nextDrop, through, lost }: StoreStatus['journal']): string[] {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const next = nextDrop === null ? '' : `; ${first} leaves on ${nextDrop}`;
  return [
    `          ${days} days, ${size}${next}`,
    ...(through === null ? [] : [`          events up to ${through} are known by what they came to`]),
    ...(lost.length === 0
      ? []
      : [`          changed since, and counted from ${first} on only: ${lost.join(', ')}`]),
  ];
}

function forgettingLines({
  forgetting,
  forgettingFailed,
  forgettingFailure,
}: StoreStatus['journal']): string[] {
  return [
    ...(forgetting === 0
      ? []
      : [`forget    ${forgetting} people to be forgotten, ${forgettingFailed} of whom failed`]),
    ...(forgettingFailure === null
      ? []
      : [
          `          number ${forgettingFailure.id}, tried again at ${forgettingFailure.nextTry ?? 'once'}: ${forgettingFailure.reason}`,
        ]),
  ];
}

function bulkLine({ id, object, operation, state, rows, since, message }: BulkJobStatus): string {
  const what = object === null ? 'being planned' : `${operation} of ${rows} ${object} records, ${state}`;
  return `          bulk job ${id ?? 'not made there yet'}: ${what}, since ${since}${message === null ? '' : `; last: ${message}`}`;
}

function crmLines(name: string, one: StoreStatus['crm'][string], n: (count: number) => string): string[] {
  const paused = one.paused === null ? '' : `, paused ${one.paused}`;
  return [
    `${name.padEnd(9)} ${one.connection}, ${n(one.waiting)} waiting, ${n(one.parked)} parked${paused}`,
    `          ${budgetInWords(one.budget)}`,
    ...(one.budget.waits === null ? [] : [`          over budget: ${one.budget.waits}`]),
    ...one.bulkJobs.map(bulkLine),
  ];
}

function unassignedLines({ people, eventsWithoutIds, countedUpTo }: UnassignedStatus): string[] {
  const figures = Object.entries(people)
    .filter(([, count]) => count > 0)
    .map(([why, count]) => `${count}${count === countedUpTo ? ' or more' : ''} ${why.replaceAll('_', ' ')}`);
  const events = eventsWithoutIds === 0 ? [] : [`${eventsWithoutIds} events without any id`];
  const all = [...figures, ...events];
  return all.length === 0 ? [] : [`alone     ${all.join(', ')}: pql unassigned`];
}

function digestLines({ sent, waiting, failed, reason }: StoreStatus['digests']): string[] {
  const said = reason === null ? '' : ` (${reason})`;
  return sent + waiting + failed === 0
    ? []
    : [`digests   in 7 days ${sent} sent, ${waiting} waiting, ${failed} failed${said}: pql digest`];
}

function lines(problems: readonly ConfigProblem[]): string {
  return problems.map((problem) => `          ${formatProblem(problem)}`).join('\n');
}
