import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the running stand-ins of a data folder are, and what their clients need. */
export interface SandboxAddresses {
  hubspot: { url: string };
  salesforce: { url: string; clientId: string; clientSecret: string };
}

const fileIn = (dataDir: string) => join(dataDir, 'sandbox.json');

/** A machine under load may take so long (ms) to answer. Where nobody listens it is known at once. */
const PATIENCE = 10_000;

/**
 * The stand-ins that another process runs on this data folder, or null. Two processes that both kept the records
 * would each write over what the other one saved.
 */
export async function runningSandboxes(dataDir: string): Promise<SandboxAddresses | null> {
  try {
    const found = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as SandboxAddresses;
    const asked = await fetch(`${found.hubspot.url}/__sandbox/records/companies`, {
      signal: AbortSignal.timeout(PATIENCE),
    });
    return asked.ok ? found : null;
  } catch {
    return null;
  }
}

export function noteSandboxes(dataDir: string, { hubspot, salesforce }: SandboxAddresses): void {
  const { url, clientId, clientSecret } = salesforce;
  const addresses = { hubspot: { url: hubspot.url }, salesforce: { url, clientId, clientSecret } };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(`${fileIn(dataDir)}.new`, JSON.stringify(addresses), { mode: 0o600 });
  renameSync(`${fileIn(dataDir)}.new`, fileIn(dataDir));
}

export function forgetSandboxes(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}
