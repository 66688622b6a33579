import { startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { domainOf } from './traffic.ts';

/** A HubSpot stand-in without latency or limits, in a process of its own, with a company for each account key prefix and number. */
const companies = process.argv.slice(2).flatMap((told) => {
  const [prefix, count] = told.split('=');
  return Array.from({ length: Number(count) }, (_, i) => `${prefix}-${i}`);
});
const sandbox = await startHubspotSandbox({ settings: { limits: 'told' } });
sandbox.seed(
  companies.map((key) => ({
    object: 'companies' as const,
    properties: { name: key, domain: domainOf(key) },
  })),
);
process.send?.({ url: sandbox.url });
process.on('disconnect', () => process.exit());
