import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/events/journal.ts';
import { GROUP_COMMIT, groupCommit, NotCommitted } from '../../../src/receive/group-commit.ts';
import { event } from '../../support/event.ts';
import { type MemoryJournal, memoryJournal } from '../../support/memory-journal.ts';

const some = (count: number): JournalEntry[] =>
  Array.from({ length: count }, () => ({ type: 'event', event: event() }));

const QUICK = {
  ...GROUP_COMMIT,
  waitMs: 1,
  maxEntries: 10,
  lanes: 1,
  largeEntries: 10,
  timeoutMs: 1000,
};

/** A journal whose appends wait until they are let go. */
function slowJournal(): MemoryJournal & { letGo(): void } {
  const gate = Promise.withResolvers<void>();
  return Object.assign(memoryJournal(), { fault: () => gate.promise, letGo: () => gate.resolve() });
}

const outcome = (work: Promise<void>) =>
  work.then(
    () => 'committed',
    (error: unknown) => (error instanceof NotCommitted ? 'refused' : 'broken'),
  );

describe('group commit', () => {
  it('requests that come together are one append', async () => {
    const journal = memoryJournal();
    const commit = groupCommit(journal, QUICK);
    await Promise.all([commit(some(2)), commit(some(3)), commit(some(1))]);
    expect(journal.appends).toEqual([6]);
    expect(journal.events).toHaveLength(6);
  });

  it('a full group is committed at once, and no group holds more', async () => {
    const journal = memoryJournal();
    const commit = groupCommit(journal, { ...QUICK, waitMs: 10_000 });
    await Promise.all([commit(some(6)), commit(some(6))]);
    expect(journal.appends).toEqual([6, 6]);
  });

  it('a request larger than a group is one append by itself', async () => {
    const journal = memoryJournal();
    await groupCommit(journal, QUICK)(some(25));
    expect(journal.appends).toEqual([25]);
  });

  it('what comes while a commit runs joins the next one', async () => {
    const journal = slowJournal();
    const commit = groupCommit(journal, QUICK);
    const first = commit(some(10));
    const others = [commit(some(1)), commit(some(2)), commit(some(3))];
    journal.letGo();
    await Promise.all([first, ...others]);
    expect(journal.appends).toEqual([10, 6]);
  });

  it('small groups are committed one after the other, though there is another lane', async () => {
    const journal = slowJournal();
    const commit = groupCommit(journal, { ...QUICK, lanes: 2, patienceMs: 10_000 });
    const first = commit(some(2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const others = [commit(some(1)), commit(some(2))];
    await new Promise((resolve) => setTimeout(resolve, 20));
    journal.letGo();
    await Promise.all([first, ...others]);
    expect(journal.appends).toEqual([2, 3]);
  });

  it('a small group that is held up holds up the next one for a moment only', async () => {
    const journal = memoryJournal();
    const gate = Promise.withResolvers<void>();
    journal.fault = () => (journal.appends.length === 1 ? gate.promise : undefined);
    const commit = groupCommit(journal, { ...QUICK, lanes: 2, patienceMs: 30 });
    const held = outcome(commit(some(2)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await outcome(commit(some(3)))).toBe('committed');
    gate.resolve();
    expect(await held).toBe('committed');
  });

  it('lanes let a small group pass a large one', async () => {
    const journal = memoryJournal();
    const gate = Promise.withResolvers<void>();
    journal.fault = () => (journal.appends.length === 1 ? gate.promise : undefined);
    const commit = groupCommit(journal, { ...QUICK, lanes: 2 });
    const large = commit(some(50));
    await commit(some(1));
    expect(journal.events).toHaveLength(1);
    gate.resolve();
    await large;
    expect(journal.events).toHaveLength(51);
  });

  it('I1: nobody is told "committed" before the journal has said so', async () => {
    const journal = slowJournal();
    const commit = groupCommit(journal, QUICK);
    let told = false;
    const done = commit(some(10)).then(() => {
      told = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toBe(false);
    journal.letGo();
    await done;
  });

  it('I1: when the joint append fails every request of the group is refused; the next group is tried again', async () => {
    const journal = memoryJournal();
    journal.fault = () => Promise.reject(new Error('disk full'));
    const commit = groupCommit(journal, QUICK);
    expect(await Promise.all([outcome(commit(some(1))), outcome(commit(some(2)))])).toEqual([
      'refused',
      'refused',
    ]);
    journal.fault = null;
    expect(await outcome(commit(some(1)))).toBe('committed');
  });

  it('I1: a journal that throws at once is a failed append too', async () => {
    const append = () => {
      throw new Error('not connected');
    };
    expect(await outcome(groupCommit({ ...memoryJournal(), append }, QUICK)(some(1)))).toBe('refused');
  });

  it('I1: a journal that does not answer in time is a refusal', async () => {
    const journal = slowJournal();
    const commit = groupCommit(journal, { ...QUICK, timeoutMs: 20 });
    expect(await outcome(commit(some(1)))).toBe('refused');
    journal.letGo();
  });

  it('what waited in vain behind a journal that hangs is dropped, and not committed later', async () => {
    const journal = slowJournal();
    const commit = groupCommit(journal, { ...QUICK, timeoutMs: 20 });
    const begun = commit(some(10));
    const waited = commit(some(3));
    expect(await Promise.all([outcome(begun), outcome(waited)])).toEqual(['refused', 'refused']);
    journal.letGo();
    await groupCommit(journal, QUICK)(some(1));
    await commit(some(2));
    // The append that had begun went through; the sender's repeat of it is known by its message id (I2).
    expect(journal.appends).toEqual([10, 1, 2]);
  });

  it('what waits for a small group that hangs goes on alone after a while, though nothing more comes', async () => {
    const journal = memoryJournal();
    const gate = Promise.withResolvers<void>();
    journal.fault = () => (journal.appends.length === 1 ? gate.promise : undefined);
    const commit = groupCommit(journal, { ...QUICK, lanes: 2, patienceMs: 20 });
    const hanging = commit(some(1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await outcome(commit(some(2)))).toBe('committed');
    gate.resolve();
    await hanging;
  });

  it('nothing to commit needs no journal', async () => {
    const journal = memoryJournal();
    await groupCommit(journal, QUICK)([]);
    expect(journal.appends).toEqual([]);
  });

  it('tells what was committed, once per group', async () => {
    const told: number[] = [];
    const commit = groupCommit(memoryJournal(), QUICK, ({ fresh }) => {
      told.push(fresh);
    });
    const same = some(1);
    await Promise.all([commit(same), commit(same)]);
    expect(told).toEqual([1]);
  });
});
