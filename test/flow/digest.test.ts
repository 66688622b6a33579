import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clockOf } from '../../src/accounts/zone.ts';
import type { Digest } from '../../src/decide/handoff/digest.ts';
import { smtpMailer } from '../../src/mail/smtp.ts';
import { type MailServer, mailServer } from '../../src/sandbox/mail/index.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { DAY, HOUR, MINUTE } from '../../src/shared/time.ts';
import { claimDigest, digestStatus, listDigests, planDigests } from '../../src/store/handoff/digests.ts';
import { postgresReadModel } from '../../src/store/read/index.ts';
import { type DigestDeps, sendDigests } from '../../src/wiring/digest.ts';
import { factLookup } from '../../src/wiring/facts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group } from '../support/event.ts';
import { copyOfMappings } from '../support/folder.ts';
import { type Live, liveOn } from '../support/live.ts';
import { runPql } from '../support/pql.ts';

let database: TestDatabase;
let world: Live;
let mail: MailServer;
/** Closed after each test. */
let mailers: ReturnType<typeof smtpMailer>[];

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await world.empty();
  await database.db.query('DELETE FROM digests');
  mail = await mailServer();
  mailers = [];
});
afterEach(async () => {
  for (const mailer of mailers) {
    mailer.close();
  }
  await mail.close();
});

const HEAD = 'head@acme.com';
const DIGEST: Digest = {
  at: 8 * 60,
  timezone: 'UTC',
  offset: clockOf('UTC') ?? (() => 0),
  weekdays: new Set([0, 1, 2, 3, 4, 5, 6]),
  owners: true,
  addresses: [HEAD],
  from: { name: 'PQL', address: 'pql@acme.com' },
};

function deps(over: Partial<DigestDeps> = {}, url = mail.url): DigestDeps {
  const { db } = database;
  const read = postgresReadModel(
    db,
    () => world.now,
    () => null,
    () => factLookup(null),
    () => world.mappings.champion,
  );
  const mailer = smtpMailer(url);
  mailers.push(mailer);
  return {
    db,
    read,
    digest: () => DIGEST,
    mailer,
    sites: { hubspot: null, salesforce: null },
    linkBase: 'https://pql.acme.com/api/v1',
    now: () => world.now,
    realNow: () => world.now,
    life: { stopping: false },
    logger: silentLogger(),
    ...over,
  };
}

/** An MQL; its task is Ada's. */
async function qualified(traits: object = {}): Promise<void> {
  await world.live([
    group('acct-7', { name: 'Initech', employees: 240, industry: 'Software', ...traits }, { userId: 'ann' }),
    ...['Limit Breach Attempted', 'Workflow Configured', 'API Integration Created'].map((name) =>
      event({ userId: 'ann', name }),
    ),
  ]);
  await database.db.query(`UPDATE actions SET owner = $1 WHERE kind = 'task'`, [
    { id: '1', name: 'Ada@acme.com', why: 'pool' },
  ]);
}

const mails = () => mail.received.flatMap(({ to }) => to).sort();
const rows = async () =>
  Object.fromEntries((await listDigests(database.db, 10)).map(({ recipient, state }) => [recipient, state]));

describe('S4-82, S4-162: the digest goes out', () => {
  it('once a day to each, though several processes look all the time; the next day again, if there is something new', async () => {
    await qualified();
    await Promise.all([sendDigests(deps()), sendDigests(deps()), sendDigests(deps())]);
    await sendDigests(deps());
    expect(mails()).toEqual(['ada@acme.com', HEAD]);
    expect(await rows()).toEqual({ 'ada@acme.com': 'sent', [HEAD]: 'sent' });
    expect(mail.received[0]?.raw).toContain('- Initech (acct-7): mql, 85 points (new)');
    world.now += DAY;
    await sendDigests(deps());
    expect(mails()).toEqual(['ada@acme.com', 'ada@acme.com', HEAD, HEAD]);
    world.now += 20 * DAY;
    await sendDigests(deps());
    expect(mails()).toHaveLength(4);
  });

  it('to nobody when nothing is to tell, also when that changed since it was planned', async () => {
    await sendDigests(deps());
    expect([mails(), await rows()]).toEqual([[], {}]);
    await database.db.query('DELETE FROM digests');
    await planDigests(database.db, '2026-03-02', [HEAD], world.now);
    await sendDigests(deps());
    expect([mails(), await rows()]).toEqual([[], { [HEAD]: 'empty' }]);
  });

  it('with headers of ours alone, whatever an account is called', async () => {
    await qualified({ name: 'Initech\r\nBcc: all@acme.com\r\n\r\n.\r\nRCPT TO:<all@acme.com>' });
    await sendDigests(deps());
    expect(mails()).toEqual(['ada@acme.com', HEAD]);
    for (const { raw } of mail.received) {
      const [head = ''] = raw.split('\r\n\r\n');
      expect(
        head
          .split('\r\n')
          .filter((line) => /^\S+:/.test(line))
          .map((line) => line.split(':')[0]),
      ).toEqual(expect.not.arrayContaining(['Bcc']));
      expect(head).toMatch(/^From: PQL <pql@acme\.com>$/m);
      expect(head).toMatch(/^Subject: PQL digest 2026-03-02: 1 account$/m);
      expect(raw).not.toMatch(/^RCPT TO/m);
    }
  });
});

describe('a mail server that does not take it', () => {
  it('is away: it is asked again, ever more rarely, and the mail goes out the same day', async () => {
    await qualified();
    const { port, url } = mail;
    await mail.close();
    await sendDigests(deps({}, url));
    const [first] = await listDigests(database.db, 10);
    expect(first).toMatchObject({
      state: 'waiting',
      attempts: 1,
      reason: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(first?.nextTry).toBe(new Date(world.now + 5 * MINUTE).toISOString());
    await sendDigests(deps({}, url));
    expect((await listDigests(database.db, 10))[0]?.attempts).toBe(1);
    world.now += 5 * MINUTE;
    await sendDigests(deps({}, url));
    expect((await listDigests(database.db, 10))[0]?.nextTry).toBe(
      new Date(world.now + 10 * MINUTE).toISOString(),
    );
    mail = await mailServer({ port });
    world.now += 10 * MINUTE;
    await sendDigests(deps());
    expect([mails(), await rows()]).toEqual([
      ['ada@acme.com', HEAD],
      { 'ada@acme.com': 'sent', [HEAD]: 'sent' },
    ]);
  });

  it('stays away until the day is over: it did not go out, and the status says so', async () => {
    await qualified();
    const { url } = mail;
    await mail.close();
    await sendDigests(deps({}, url));
    world.now += 13 * HOUR;
    await sendDigests(deps({}, url));
    expect(await rows()).toEqual({ 'ada@acme.com': 'failed', [HEAD]: 'failed' });
    expect(await digestStatus(database.db, world.now)).toMatchObject({
      sent: 0,
      waiting: 0,
      failed: 2,
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('refuses for now: it is tried again; for good: three times, and then no more', async () => {
    await qualified();
    mail.mood = 'refuse_for_now';
    await sendDigests(deps());
    expect(await listDigests(database.db, 1)).toMatchObject([{ state: 'waiting', reason: '451 come again' }]);
    mail.mood = 'refuse';
    for (let attempt = 0; attempt < 5; attempt++) {
      world.now += HOUR;
      await sendDigests(deps());
    }
    expect(await listDigests(database.db, 1)).toMatchObject([
      { state: 'failed', attempts: 3, reason: '554 we want no such mail' },
    ]);
    expect(mails()).toEqual([]);
  });

  it('says the password back: nobody reads it in the reason', async () => {
    await qualified();
    const strict = await mailServer({ password: 'right-one' });
    await sendDigests(deps({}, strict.url.replace('right-one', 'wrong-one')));
    const [row] = await listDigests(database.db, 1);
    expect(row).toMatchObject({ state: 'waiting', reason: expect.stringContaining('[hidden]') });
    expect(row?.reason).not.toContain('wrong-one');
    world.now += HOUR;
    await sendDigests(deps({}, strict.url));
    expect(strict.received).toHaveLength(2);
    await strict.close();
  });
});

describe('I6: perhaps it was sent', () => {
  it('the server took it and its answer was lost: it is not sent again, and the status says so', async () => {
    await qualified();
    mail.mood = 'lose';
    await sendDigests(deps({ digest: () => ({ ...DIGEST, owners: false }) }));
    expect(mails()).toEqual([HEAD]);
    mail.mood = 'take';
    world.now += HOUR;
    await sendDigests(deps({ digest: () => ({ ...DIGEST, owners: false }) }));
    expect([mails(), await rows()]).toEqual([[HEAD], { [HEAD]: 'uncertain' }]);
  });

  it('the process was killed while it sent: another does not send it again', async () => {
    await qualified();
    await planDigests(database.db, '2026-03-02', ['ada@acme.com', HEAD], world.now);
    expect(await claimDigest(database.db, '2026-03-02', HEAD, world.now)).toBe(true);
    await sendDigests(deps());
    expect(mails()).toEqual(['ada@acme.com']);
    world.now += 11 * MINUTE;
    await sendDigests(deps());
    expect([mails(), await rows()]).toEqual([
      ['ada@acme.com'],
      { 'ada@acme.com': 'sent', [HEAD]: 'uncertain' },
    ]);
  });
});

describe('pql digest', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pql-digest-'));
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it('shows what would be sent, and what was; the doctor asks the mail server', async () => {
    await qualified();
    const folder = copyOfMappings();
    folder.write(
      'handoff.yaml',
      `${folder.read('handoff.yaml')}\ndigest: { at: 08:00, to: [owners, ${HEAD}], from: pql@acme.com }\n`,
    );
    const pql = (...args: string[]) =>
      runPql(args, { DATABASE_URL: database.url, PQL_DATA_DIR: dataDir, MAPPINGS_DIR: folder.dir });
    // Its clock is the machine's: by then the deadline of the test's account has long passed.
    await database.db.query(
      `UPDATE scores SET route = jsonb_set(route::jsonb, '{sla,due}', to_jsonb((now() + interval '1 hour')::text))::json`,
    );
    const shown = await pql('digest', '--dry-run', '--owner', 'ADA@acme.com');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toMatch(/^To: ada@acme\.com\nPQL digest .*: 1 account\n\nDue\n- Initech \(acct-7\)/);
    expect((await pql('digest')).out).toBe('no digest was sent\n');
    await sendDigests(deps());
    expect((await pql('digest')).out).toMatch(/2026-03-02 +ada@acme\.com +sent +1 +1/);
    const doctor = async (url: string) => {
      const env = { DATABASE_URL: database.url, PQL_DATA_DIR: dataDir, MAPPINGS_DIR: folder.dir };
      const { out } = await runPql(['doctor', '--json'], { ...env, SMTP_URL: url });
      const { lines } = JSON.parse(out) as { lines: { part: string; ok: boolean; detail: string }[] };
      return lines.filter(({ part }) => part === 'mail').map(({ ok, detail }) => [ok, detail]);
    };
    expect(await doctor(mail.url)).toEqual([[true, 'answers']]);
    const strict = await mailServer({ password: 'right-one' });
    const [line] = await doctor(strict.url.replace('right-one', 'wrong-one'));
    expect(line).toEqual([false, expect.stringContaining('535')]);
    expect(JSON.stringify(line)).not.toContain('wrong-one');
    expect(await doctor('')).toEqual([[false, 'handoff.yaml has a digest, and SMTP_URL is not set']]);
    await strict.close();
    folder.remove();
  });
});
