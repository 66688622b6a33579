import { getDomain } from 'tldts';
import { addressProblem, isLoopback } from '../../shared/safe-address.ts';

/** Where Salesforce runs orgs, its government and China clouds included. */
const OF_SALESFORCE = new Set([
  'salesforce.com',
  'force.com',
  'salesforce.mil',
  'cloudforce.com',
  'sfcrmapps.cn',
  'sfcrmproducts.cn',
]);

/**
 * Why calls must not go, with the token, to the address that a login answer names as the org's; null: they may. It is
 * where the login was, another host of the same owner, or of Salesforce; a stand-in of this machine leads to this machine.
 */
export function instanceProblem(loginUrl: string, instanceUrl: unknown): string | null {
  if (typeof instanceUrl !== 'string' || addressProblem(instanceUrl) !== null) {
    return 'the login names no address of an org that credentials may be sent to';
  }
  const login = new URL(loginUrl);
  const instance = new URL(instanceUrl);
  const owner = getDomain(instance.hostname, { allowPrivateDomains: false });
  const known =
    instance.origin === login.origin ||
    (isLoopback(login) && isLoopback(instance)) ||
    (owner !== null && (OF_SALESFORCE.has(owner) || owner === getDomain(login.hostname)));
  return known && isLoopback(instance) === isLoopback(login)
    ? null
    : `the login names ${instance.hostname} as the org, which is neither Salesforce's nor where the login was`;
}
