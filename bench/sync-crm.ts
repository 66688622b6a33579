import { startHubspotSandbox } from '../src/sandbox/hubspot/index.ts';
import { startSalesforceSandbox } from '../src/sandbox/salesforce/index.ts';

/**
 * A CRM sandbox in a process of its own, so that what it costs is not counted as ours. Told by its arguments which CRM, how
 * many records it holds, and the latency (ms) of every answer; says where it is and what the records' ids are.
 */
const [crm = '', count = '0', latency = '0'] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, i) => i);

async function salesforce() {
  const sandbox = await startSalesforceSandbox({ dailyMax: 100_000 });
  const ids = numbers.map((i) => sandbox.seed('Account', { Name: `Company ${i}` }).Id);
  return { sandbox, ids, clientId: sandbox.clientId, clientSecret: sandbox.clientSecret };
}

async function hubspot() {
  const sandbox = await startHubspotSandbox({ settings: { limits: 'enforced' } });
  const ids = sandbox.seed(
    numbers.map((i) => ({ object: 'companies' as const, properties: { name: `Company ${i}` } })),
  );
  return { sandbox, ids, clientId: '', clientSecret: '' };
}

const { sandbox, ...told } = crm === 'hubspot' ? await hubspot() : await salesforce();
// Set-up is not measured: the latency begins when the bench says so.
process.on('message', () => sandbox.faults.add({ path: '*', times: 'always', delayMs: Number(latency) }));
// It must not outlive a bench that was interrupted.
process.on('disconnect', () => process.exit());
process.send?.({ url: sandbox.url, ...told });
