import { systemClock } from '../../shared/clock.ts';
import { campaignsBefore, mappedFields } from '../../wiring/connections.ts';
import { openCrms } from '../../wiring/crms.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { table } from '../table.ts';

export const crm: Verb = {
  name: 'crm',
  usage: 'setup [--apply]',
  summary:
    'Shows, and with --apply makes, the fields, list and campaign that the mapping needs in the connected CRMs.',
  positionals: 1,
  options: { apply: { type: 'boolean' } },
  help: { apply: 'make what is missing' },
  run: async ({ options, positionals, json }) => {
    if (positionals[0] !== 'setup') {
      throw new UsageError(`crm: found ${positionals[0] ?? 'nothing'}; allowed: setup`);
    }
    const config = configOrThrow();
    const crms = await openCrms(config, mappingsOrThrow(config), systemClock);
    try {
      const steps = [];
      for (const one of crms.crms) {
        const made = await one.connector.setup(
          mappedFields(one),
          campaignsBefore(one, Date.now()),
          options.apply === true,
        );
        steps.push(...made.map((step) => ({ crm: one.name, ...step })));
      }
      if (json) {
        printJson({ steps });
      } else {
        print(
          table(
            ['crm', 'what', 'state', 'detail'],
            steps.map((step) => [step.crm, step.what, step.state, step.detail]),
          ),
        );
        if (options.apply !== true && steps.some(({ state }) => state === 'missing')) {
          print('nothing was changed; add --apply to make what is missing');
        }
      }
      return steps.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.done;
    } finally {
      await crms.close();
    }
  },
};
