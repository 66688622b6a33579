import type { CrmLink } from '../read-model.ts';
import { settlementText } from '../sync/present.ts';
import { complain, EXIT, print, printJson } from './command.ts';
import type { RecordContext } from './context.ts';
import { table } from './table.ts';

/** `pql crm links ACCOUNT`: which CRM records are its own, how each was found, and what is left alone in them. */
export async function crmLinks({ read }: RecordContext, key: string, json: boolean): Promise<number> {
  const account = await read.findAccount(key);
  if (account === null) {
    complain(`no account has or had the key ${JSON.stringify(key)}`);
    return EXIT.failed;
  }
  const [links, former] = await Promise.all([read.loadLinks(account), read.formerLinks(account)]);
  if (json) {
    printJson({ account: account.key, links, former });
  } else {
    print(linksText(links));
    for (const { at, crmId, object, why } of former) {
      print(`until ${at}: ${object} ${crmId}  (${why})`);
    }
  }
  return EXIT.done;
}

function linksText(links: readonly CrmLink[]): string {
  return links.length === 0
    ? 'no records'
    : table(
        ['crm', 'object', 'of', 'record', 'found by', 'since', 'written', 'note'],
        links.map(({ crm, object, ref, crmId, how, since, at, note, held }) => [
          crm,
          object,
          ref,
          crmId === '' ? 'none there' : crmId,
          how,
          since,
          at,
          [note, settlementText({ held, restored: {} })].filter(Boolean).join('; '),
        ]),
      );
}
