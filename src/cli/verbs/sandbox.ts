import { systemClock } from '../../shared/clock.ts';
import { openBudgets } from '../../wiring/budgets.ts';
import { openCrms } from '../../wiring/crms.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { untilStopped } from '../service.ts';

export const sandbox: Verb = {
  name: 'sandbox',
  usage: '',
  summary:
    'Runs the HubSpot and Salesforce stand-ins until stopped, with their records kept in PQL_DATA_DIR.',
  options: {},
  help: {},
  run: async ({ json }) => {
    const config = { ...configOrThrow(), HUBSPOT_ACCESS_TOKEN: undefined, SALESFORCE_CLIENT_ID: undefined };
    const stopped = untilStopped();
    const crms = await openCrms(config, mappingsOrThrow(config), systemClock, openBudgets(config, null));
    const hubspot = crms.addresses?.hubspot.url;
    const salesforce = crms.addresses?.salesforce;
    if (json) {
      printJson({ hubspot, salesforce: salesforce?.url });
    } else {
      print(`HubSpot     HUBSPOT_BASE_URL=${hubspot} HUBSPOT_ACCESS_TOKEN=pat-sandbox`);
      print(
        `Salesforce  SALESFORCE_LOGIN_URL=${salesforce?.url} SALESFORCE_CLIENT_ID=${salesforce?.clientId} SALESFORCE_CLIENT_SECRET=${salesforce?.clientSecret}`,
      );
      print(
        'records, calls, writes and faults: GET /__sandbox/records/<object>, /calls, /writes, /faults on each',
      );
    }
    await stopped;
    await crms.close();
    return EXIT.done;
  },
};
