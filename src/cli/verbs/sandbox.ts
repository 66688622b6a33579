import { startSlackSandbox } from '../../sandbox/slack/index.ts';
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
    'Runs the stand-ins of HubSpot, Salesforce and Slack until stopped. Records of the CRMs are kept in PQL_DATA_DIR.',
  options: {},
  help: {},
  run: async ({ json }) => {
    const config = { ...configOrThrow(), HUBSPOT_ACCESS_TOKEN: undefined, SALESFORCE_CLIENT_ID: undefined };
    const stopped = untilStopped();
    const crms = await openCrms(config, mappingsOrThrow(config), systemClock, openBudgets(config, null));
    const slack = await startSlackSandbox();
    const hubspot = crms.addresses?.hubspot.url;
    const salesforce = crms.addresses?.salesforce;
    if (json) {
      printJson({ hubspot, salesforce: salesforce?.url, slack: slack.apiUrl });
    } else {
      print(`HubSpot     HUBSPOT_BASE_URL=${hubspot} HUBSPOT_ACCESS_TOKEN=pat-sandbox`);
      print(
        `Salesforce  SALESFORCE_LOGIN_URL=${salesforce?.url} SALESFORCE_CLIENT_ID=${salesforce?.clientId} SALESFORCE_CLIENT_SECRET=${salesforce?.clientSecret}`,
      );
      print(
        `Slack       SLACK_BASE_URL=${slack.apiUrl} SLACK_BOT_TOKEN=${slack.token} SLACK_SIGNING_SECRET=${slack.settings.signingSecret}`,
      );
      print(
        `            or SLACK_WEBHOOK_URL=${slack.webhookUrl}; messages: ${slack.url}/sandbox/messages.txt`,
      );
      print(
        'records, calls, writes and faults: GET /__sandbox/records/<object>, /calls, /writes, /faults on each',
      );
    }
    await stopped;
    await Promise.all([crms.close(), slack.close()]);
    return EXIT.done;
  },
};
