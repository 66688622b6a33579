import { loadMappings } from '../../mappings.ts';
import { isIdle } from '../../read-model.ts';
import { type ConfigProblem, formatProblem } from '../../shared/config-file.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { configOrThrow, withDatabase } from '../context.ts';

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
        const { journal, accounts, configuration, crm } = found;
        const idle = isIdle(found);
        if (json) {
          printJson({ idle, ...found, folder: { problems } });
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
            ...configuration.refused.map(
              ({ process, since, problems }) =>
                `degraded  process ${process} refuses the configuration since ${since} and goes on with the last good one:\n${lines(problems)}`,
            ),
            ...(problems.length === 0 ? [] : [`broken    the folder here has problems:\n${lines(problems)}`]),
            ...Object.entries(crm).map(
              ([name, one]) =>
                `${name.padEnd(9)} ${one.connection}, ${one.waiting} waiting, ${one.parked} parked${one.paused === null ? '' : `, paused ${one.paused}`}`,
            ),
          ].join('\n'),
        );
        return EXIT.done;
      },
      folder.ok ? folder.value : null,
    );
  },
};

function lines(problems: readonly ConfigProblem[]): string {
  return problems.map((problem) => `          ${formatProblem(problem)}`).join('\n');
}
