import { systemClock } from '../../shared/clock.ts';
import { mappedFields } from '../../wiring/connections.ts';
import { openCrms } from '../../wiring/crms.ts';
import { EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow, withRecord } from '../context.ts';
import { crmLinks } from '../crm-links.ts';
import { table } from '../table.ts';

export const crm: Verb = {
  name: 'crm',
  usage: 'setup [--apply] | links ACCOUNT',
  summary:
    'setup: shows, and with --apply makes, the fields, list and campaign that the mapping needs in the connected CRMs. links: which CRM records stand for an account and its people, how they were found, and what is left alone in them.',
  positionals: 2,
  options: { apply: { type: 'boolean' } },
  help: { apply: 'make what is missing' },
  run: async ({ options, positionals, json }) => {
    const [action, account] = positionals;
    if (action === 'links' && account !== undefined) {
      return withRecord((context) => crmLinks(context, account, json));
    }
    if (action !== 'setup') {
      throw new UsageError(`crm: found ${action ?? 'nothing'}; allowed: setup, links ACCOUNT`);
    }
    const config = configOrThrow();
    const crms = await openCrms(config, mappingsOrThrow(config), systemClock);
    try {
      const steps = [];
      for (const one of crms.crms) {
        const made = await one.connector.setup(
          mappedFields(one),
          [one.mapping.campaign.name],
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
