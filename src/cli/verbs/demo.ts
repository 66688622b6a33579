import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../shared/log.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { configOrThrow, mappingsOrThrow } from '../context.ts';
import { play } from '../demo/play.ts';
import { reportOf } from '../demo/report.ts';
import { reportText } from '../demo/words.ts';
import { untilStopped } from '../service.ts';

export const demo: Verb = {
  name: 'demo',
  usage: '[--keep]',
  summary:
    "The main job, whole: two weeks of a freemium product's traffic in Segment's and Amplitude's own shapes, over HTTP, into scores, and into stand-ins of HubSpot and Salesforce.",
  options: { keep: { type: 'boolean' } },
  help: { keep: 'leave everything running and print the addresses' },
  run: async ({ options, json }) => {
    const mappings = mappingsOrThrow(configOrThrow());
    const dataDir = mkdtempSync(join(tmpdir(), 'pql-demo-'));
    try {
      const played = await play(mappings, createLogger(process.env.LOG_LEVEL ?? 'warn'), dataDir, 0);
      const report = await reportOf(played, mappings);
      if (!json) {
        print(reportText(report));
      }
      if (options.keep === true) {
        await keepRunning(played.service.url, played.service.crms.sandboxes);
      }
      await played.service.stop();
      if (json) {
        printJson(report);
      }
      return report.idle ? EXIT.done : EXIT.failed;
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

async function keepRunning(
  url: string | null,
  sandboxes: { hubspot: { url: string }; salesforce: { url: string } } | null,
): Promise<void> {
  print('');
  print(`service     ${url}/api/v1/accounts   (status, actions, accounts/KEY, accounts/KEY/timeline)`);
  print(`HubSpot     ${sandboxes?.hubspot.url}/__sandbox/records/companies   (contacts, tasks, lists)`);
  print(
    `Salesforce  ${sandboxes?.salesforce.url}/__sandbox/records/Account   (Contact, Lead, CampaignMember, Task)`,
  );
  print('running until stopped (Ctrl-C)');
  await untilStopped();
}
