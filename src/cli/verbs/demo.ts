import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger } from '../../shared/log.ts';
import { removePlaces } from '../../store/embedded/places.ts';
import { EXIT, print, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { type Played, play } from '../demo/play.ts';
import { reportOf } from '../demo/report.ts';
import { withDemoTeam } from '../demo/team.ts';
import { reportText } from '../demo/words.ts';
import { untilStopped } from '../service.ts';

export const demo: Verb = {
  name: 'demo',
  usage: '[--keep]',
  summary:
    "The main job, whole: two weeks of a freemium product's traffic in Segment's and Amplitude's own shapes, over HTTP, into scores, and into stand-ins of HubSpot and Salesforce.",
  options: { keep: { type: 'boolean' } },
  help: { keep: 'leave everything running, and print the addresses and how verbs reach it' },
  run: async ({ options, json }) => {
    const mappings = withDemoTeam(mappingsOrThrow(configOrThrow()));
    const stopped = untilStopped();
    const dataDir = mkdtempSync(join(tmpdir(), 'pql-demo-'));
    // As root, PostgreSQL runs as another user, who must be able to pass through.
    chmodSync(dataDir, 0o711);
    try {
      const played = await play(mappings, demoLogger(), dataDir, 0, stopped);
      const report = await reportOf(played, mappings);
      print(json ? JSON.stringify(report) : reportText(report));
      if (options.keep === true) {
        showAddresses(played, dataDir);
        await stopped;
      }
      await played.service.stop();
      await played.around.close();
      return report.idle ? EXIT.done : EXIT.failed;
    } finally {
      removePlaces(dataDir);
    }
  },
};

function demoLogger(): Logger {
  const level = process.env.LOG_LEVEL ?? '';
  return createLogger(level === '' || level === 'info' ? 'warn' : level);
}

/** On standard error, so that standard output stays the report alone. */
function showAddresses({ service, around }: Played, dataDir: string): void {
  const { slack } = around;
  const { url, crms } = service;
  const { sandboxes } = crms;
  const lines = [
    '',
    `service     ${url}/api/v1/accounts   (status, actions, accounts/KEY, accounts/KEY/timeline)`,
    `HubSpot     ${sandboxes?.hubspot.url}/__sandbox/records/companies   (contacts, tasks, lists)`,
    `Salesforce  ${sandboxes?.salesforce.url}/__sandbox/records/Account   (Contact, Lead, CampaignMember, Task)`,
    `Slack       ${slack.url}/sandbox/messages.txt   (messages; POST /sandbox/press presses a button)`,
    `verbs       PQL_DATA_DIR=${dataDir} npx pql explain acct-1001   (accounts --tier mql, errors list, and all others)`,
    'running until stopped (Ctrl-C)',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
