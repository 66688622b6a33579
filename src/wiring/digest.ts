import { createHash } from 'node:crypto';
import { type Digest, digestDay, localDate } from '../decide/handoff/digest.ts';
import type { Mail, Mailer } from '../mail/smtp.ts';
import { type Letter, lettersOf } from '../read-model/digest.ts';
import type { CrmSites, FeedRow } from '../read-model/feed.ts';
import type { ReadModel } from '../read-model.ts';
import type { Logger } from '../shared/log.ts';
import type { Db } from '../store/db.ts';
import {
  claimDigest,
  digestsDue,
  endDigests,
  planDigests,
  postponeDigests,
  settleDigest,
} from '../store/handoff/digests.ts';

export interface DigestDeps {
  db: Db;
  read: ReadModel;
  /** null: none is to be sent. */
  digest: () => Digest | null;
  mailer: Mailer | null;
  sites: CrmSites;
  linkBase: string;
  /** Business time (ms): which day it is. */
  now: () => number;
  realNow: () => number;
  life: { readonly stopping: boolean };
  logger: Logger;
}

/**
 * Sends what is due of today's digests: at most one mail a day to each recipient, whatever dies in between (I6). A mail server that is
 * away or refuses is asked again within the day.
 */
export async function sendDigests(deps: DigestDeps): Promise<void> {
  const { db, mailer, realNow } = deps;
  const digest = deps.digest();
  if (digest === null || mailer === null) {
    return;
  }
  await endDigests(db, localDate(digest, deps.now()), realNow());
  const day = digestDay(digest, deps.now());
  const known = day === null ? null : await digestsDue(db, day, realNow());
  if (day === null || known === null || (known.planned && known.due.length === 0)) {
    return;
  }
  const letters = await lettersNow(deps, digest, day);
  if (!known.planned) {
    await planDigests(db, day, [...letters.keys()], realNow());
  }
  const due = known.planned ? known.due : (await digestsDue(db, day, realNow())).due;
  if (due.length > 0) {
    await sendAll(deps, mailer, { digest, day, due, letters });
  }
}

/** Letters as they would be now, by address. */
export async function lettersNow(
  { read, sites, linkBase, now }: Pick<DigestDeps, 'read' | 'sites' | 'linkBase' | 'now'>,
  digest: Digest,
  day: string,
): Promise<Map<string, Letter>> {
  return lettersOf({ digest, rows: await wholeFeed(read), day, now: now(), sites, linkBase });
}

const PAGE = 500;
/** Beyond so many pages nobody reads a digest. */
const PAGES = 20;

async function wholeFeed(read: ReadModel): Promise<FeedRow[]> {
  const rows: FeedRow[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const found = await read.feed({ owner: null, state: null, limit: PAGE, cursor });
    rows.push(...found.feed);
    cursor = found.next;
    if (cursor === null) {
      break;
    }
  }
  return rows;
}

interface Round {
  digest: Digest;
  day: string;
  due: readonly string[];
  letters: ReadonlyMap<string, Letter>;
}

async function sendAll(deps: DigestDeps, mailer: Mailer, round: Round): Promise<void> {
  const { db, realNow, life, logger } = deps;
  const { day, due } = round;
  // Asked before anything is taken: what the server never got is certainly not sent.
  const away = await mailer.check();
  if (away !== null) {
    logger.warn({ reason: away }, 'the mail server takes no digest; it will be asked again');
    await postponeDigests(db, day, due, away, realNow());
    return;
  }
  for (const recipient of due) {
    if (!life.stopping && (await claimDigest(db, day, recipient, realNow()))) {
      await sendOne(deps, mailer, round, recipient);
    }
  }
}

/** A refusal for good is believed after so many attempts: some servers refuse whom they do not know yet. */
const REFUSALS = 3;

async function sendOne(
  { db, realNow, logger }: DigestDeps,
  mailer: Mailer,
  { digest, day, letters }: Round,
  recipient: string,
): Promise<void> {
  const letter = letters.get(recipient);
  const settle = (state: 'sent' | 'empty' | 'uncertain' | 'failed', reason: string | null = null) =>
    settleDigest(db, day, recipient, { state, accounts: letter?.accounts ?? 0, reason }, realNow());
  if (letter === undefined) {
    await settle('empty');
    return;
  }
  const posted = await mailer.send(mailOf(digest, day, recipient, letter));
  if (posted.state === 'sent') {
    await settle('sent');
    return;
  }
  const { reason } = posted;
  logger.warn({ reason, state: posted.state }, 'a digest did not go out, or perhaps');
  if (posted.state === 'uncertain') {
    await settle('uncertain', reason);
  } else if (posted.permanent && (await attemptsOf(db, day, recipient)) >= REFUSALS) {
    await settle('failed', reason);
  } else {
    await postponeDigests(db, day, [recipient], reason, realNow());
  }
}

async function attemptsOf(db: Db, day: string, recipient: string): Promise<number> {
  const rows = await db.query<{ attempts: number }>(
    'SELECT attempts FROM digests WHERE day = $1 AND recipient = $2',
    [day, recipient],
  );
  return rows.rows[0]?.attempts ?? 0;
}

function mailOf({ from }: Digest, day: string, to: string, { subject, text, html }: Letter): Mail {
  const id = createHash('sha256').update(`${day}\n${to}`).digest('hex').slice(0, 32);
  const domain = from.address.split('@')[1] ?? 'pql-bridge.invalid';
  return { from, to, subject, text, html, messageId: `<pql-digest-${id}@${domain}>` };
}
