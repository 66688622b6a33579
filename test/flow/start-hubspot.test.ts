import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let sandbox: HubspotSandbox;
let dataDir: string;
afterEach(async () => {
  await sandbox.close();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a portal that lacks what the mapping names ends the start: exit code 2, every line of it told (I11)', async () => {
  database = await testDatabase();
  sandbox = await startHubspotSandbox();
  dataDir = mkdtempSync(join(tmpdir(), 'pql-start-'));
  const service = spawn(process.execPath, ['src/cli/pql.ts', 'start'], {
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: database.url,
      REDIS_URL: '',
      PQL_DATA_DIR: dataDir,
      HUBSPOT_ACCESS_TOKEN: 'pat-test',
      HUBSPOT_BASE_URL: sandbox.url,
    },
  });
  let said = '';
  service.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(service, 'exit');
  expect(code).toBe(2);
  expect(said).toMatch(/hubspot\.yaml:\d+ company\.fields\.pql_account_id: found the portal has no company/);
  expect(said).toMatch(/hubspot\.yaml:\d+ contact\.fields\.pql_score: .*pql crm setup --apply/);
});
