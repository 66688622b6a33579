import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { DAY, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { connected } from './jsforce-world.ts';

/** Activities of an org, as jsforce sees them in the stand-in. */

const NOON = Date.UTC(2026, 10, 24, 12);
const DATA = '/services/data/v64.0';

let clock: ManualClock;
let sandbox: SalesforceSandbox;
let account: string;

beforeEach(async () => {
  clock = new ManualClock(NOON);
  sandbox = await startSalesforceSandbox({ clock });
  account = sandbox.seed('Account', { Name: 'Acme' }).Id;
});
afterEach(() => sandbox.close());

describe('activities of an org', () => {
  it('a task belongs to the account that it is about, to that of its contact, and for a lead to none', async () => {
    const conn = await connected(sandbox);
    const contact = sandbox.seed('Contact', { LastName: 'A', AccountId: account }).Id;
    const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'X' }).Id;
    const ids: string[] = [];
    for (const about of [{ WhatId: account }, { WhoId: contact }, { WhoId: lead }]) {
      ids.push((await conn.sobject('Task').create({ Subject: 'Call', ...about })).id ?? '');
    }
    const rows = await conn.query<{ AccountId: string | null }>('SELECT AccountId FROM Task');
    expect(ids).toHaveLength(3);
    expect(rows.records.map(({ AccountId }) => AccountId)).toEqual([account, account, null]);
  });

  it('says when it was completed as long as it is closed; the account shows the day it was due, not when that was', async () => {
    const conn = await connected(sandbox);
    const { id = '' } = await conn.sobject('Task').create({ WhatId: account, ActivityDate: '2026-12-01' });
    const look = async () =>
      (await conn.query(`SELECT IsClosed, CompletedDateTime FROM Task WHERE Id = '${id}'`)).records[0];
    const shows = async () =>
      (await conn.query('SELECT LastActivityDate FROM Account')).records[0]?.LastActivityDate;
    expect([await look(), await shows()]).toMatchObject([{ IsClosed: false, CompletedDateTime: null }, null]);
    clock.advance(MINUTE);
    await conn.sobject('Task').update({ Id: id, Status: 'Completed' });
    expect(Date.parse(String((await look())?.CompletedDateTime))).toBe(NOON + MINUTE);
    expect(await shows()).toBe('2026-12-01');
    await conn.sobject('Task').update({ Id: id, Status: 'In Progress' });
    expect(await look()).toMatchObject({ IsClosed: false, CompletedDateTime: null });
  });

  it('a mail is a closed task too; in an org without it the object is unknown', async () => {
    const conn = await connected(sandbox);
    await conn
      .sobject('EmailMessage')
      .create({ Incoming: true, MessageDate: isoInstant(NOON), RelatedToId: account });
    const mails = await conn.query<{ ActivityId: string }>('SELECT ActivityId FROM EmailMessage');
    const tasks = await conn.query('SELECT Id, TaskSubtype, AccountId, IsClosed FROM Task');
    expect(tasks.records).toMatchObject([
      { Id: mails.records[0]?.ActivityId, TaskSubtype: 'Email', AccountId: account, IsClosed: true },
    ]);
    sandbox.withoutEmailMessages();
    await expect(conn.query('SELECT Id FROM EmailMessage')).rejects.toMatchObject({
      errorCode: 'INVALID_TYPE',
    });
  });

  it('private events of others are hidden, and only queryAll sees the archive', async () => {
    const conn = await connected(sandbox);
    sandbox.seed('Event', { AccountId: account, IsPrivate: true, OwnerId: '005000000000009AAA' });
    sandbox.seed('Event', { AccountId: account, IsArchived: true });
    const [seen, all] = [
      await conn.query('SELECT Id FROM Event'),
      await conn.query('SELECT Id FROM Event', { scanAll: true }),
    ];
    expect([seen.totalSize, all.totalSize]).toEqual([0, 1]);
  });

  it('composite: five queries in one call, each with a status of its own', async () => {
    const conn = await connected(sandbox);
    sandbox.seed('Event', { AccountId: account, StartDateTime: isoInstant(NOON + DAY) });
    const mail = sandbox.seed('EmailMessage', { Incoming: true, RelatedToId: account });
    sandbox.seed('EmailMessageRelation', { EmailMessageId: mail.Id, RelationId: '003000000000001AAA' });
    const queries = [
      'SELECT Id FROM Event',
      'SELECT Nope FROM Event',
      'SELECT Id FROM Nope',
      'SELECT EmailMessage.Incoming FROM EmailMessageRelation WHERE EmailMessage.Incoming = true',
    ];
    const request = (soql: string, i: number) => ({
      method: 'GET',
      url: `${DATA}/query?q=${encodeURIComponent(soql)}`,
      referenceId: `q${i}`,
    });
    const before = sandbox.calls().length;
    const answer = await conn.requestPost<{ compositeResponse: { httpStatusCode: number; body: unknown }[] }>(
      `${DATA}/composite`,
      { allOrNone: false, compositeRequest: queries.map(request) },
    );
    expect(sandbox.calls()).toHaveLength(before + 1);
    expect(answer.compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([
      200, 400, 400, 200,
    ]);
    expect(answer.compositeResponse.map(({ body }) => body)).toMatchObject([
      { totalSize: 1 },
      [{ errorCode: 'INVALID_FIELD' }],
      [{ errorCode: 'INVALID_TYPE' }],
      { records: [{ EmailMessage: { Incoming: true } }] },
    ]);
    const six = Array.from({ length: 6 }, (_, i) => request('SELECT Id FROM Event', i));
    await expect(conn.requestPost(`${DATA}/composite`, { compositeRequest: six })).rejects.toThrow(
      /At most 5/,
    );
  });
});
