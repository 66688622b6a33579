import { UNASSIGNED, type Unassigned, type UnassignedReport } from '../../read-model/unassigned.ts';
import { didYouMean } from '../../shared/config-file.ts';
import { EXIT, limitOf, type Options, print, printJson, UsageError, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { table } from '../table.ts';

/** What each reason means, and what would name a company. */
export const REMEDIES: Record<Unassigned, { means: string; remedy: string }> = {
  never_identified: {
    means: 'nobody was ever identified on the anonymous id',
    remedy: 'identify people when they sign in, with the anonymous id they had before',
  },
  no_mail: {
    means: 'no group call, and no e-mail address with a domain',
    remedy: 'send the address in identify, or a group call',
  },
  free_mail: {
    means: 'no group call, and private mail',
    remedy: 'send a group call; a company that is listed by mistake: work_mail in accounts.yaml',
  },
  disposable_mail: {
    means: 'no group call, and throw-away mail',
    remedy: 'usually nothing; a company that is listed by mistake: work_mail in accounts.yaml',
  },
  own_mail: {
    means: 'mail of your own domains (own_domains in accounts.yaml)',
    remedy: 'nothing: your staff make no account',
  },
  removed: {
    means: 'removed from every account they were in (removed_by in accounts.yaml)',
    remedy: 'nothing; an event that names an account makes them a member again',
  },
};

export const unassigned: Verb = {
  name: 'unassigned',
  usage: '[--reason REASON] [--limit N]',
  summary:
    'Who stands in a personal account because nothing named a company, why, and what helps; and mail domains that several accounts claim.',
  options: { reason: { type: 'string' }, limit: { type: 'string' } },
  help: { reason: `only one of ${UNASSIGNED.join(', ')}`, limit: 'how many people and domains (20)' },
  run: ({ options, json }) => {
    const [reason, limit] = [reasonOf(options), limitOf(options, 20)];
    return withRecord(async ({ read }) => {
      const found = await read.listUnassigned(reason, limit);
      if (json) {
        const counts = found.counts.map((count) => ({ ...count, ...REMEDIES[count.why] }));
        printJson({ ...found, counts });
      } else {
        print(textOf(found).join('\n'));
      }
      return EXIT.done;
    });
  },
};

function reasonOf({ reason }: Options): Unassigned | null {
  const known: readonly string[] = UNASSIGNED;
  if (typeof reason === 'string' && !known.includes(reason)) {
    throw new UsageError(
      `--reason: found ${reason}; allowed: ${known.join(', ')}${didYouMean(reason, known)}`,
    );
  }
  return typeof reason === 'string' ? (reason as Unassigned) : null;
}

function textOf({ counts, people, contestedDomains, eventsWithoutIds }: UnassignedReport): string[] {
  const reasons = counts.filter((count) => count.people > 0);
  const why = reasons.map((count) => {
    const { means, remedy } = REMEDIES[count.why];
    return [count.why, count.people, count.events, means, remedy];
  });
  const who = people.map((one) => [one.account, one.why, one.email, one.events, one.lastSeen]);
  const domains = contestedDomains.map((one) => [one.domain, one.people, one.accounts.join(', ')]);
  return [
    reasons.length === 0
      ? 'everybody belongs to a company'
      : table(['reason', 'people', 'events', 'what it means', 'what helps'], why),
    ...(who.length === 0 ? [] : ['', table(['account', 'reason', 'e-mail', 'events', 'last seen'], who)]),
    ...(domains.length === 0
      ? []
      : [
          '',
          table(['domain', 'people', 'claimed by'], domains),
          'A domain that several accounts claim belongs to none of them. One company: pql accounts merge. Two: nothing to do.',
        ]),
    ...(eventsWithoutIds === 0
      ? []
      : [
          '',
          `${eventsWithoutIds} events came without any id: they belong to nobody. pql errors list shows them; mend the sender.`,
        ]),
  ];
}
