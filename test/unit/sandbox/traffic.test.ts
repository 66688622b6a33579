import { describe, expect, it } from 'vitest';
import { refusedAccount } from '../../../src/sandbox/traffic/crm-seeds.ts';
import { BAD_MESSAGE_ID, demoTraffic } from '../../../src/sandbox/traffic/playbook.ts';
import { STORIES } from '../../../src/sandbox/traffic/stories/index.ts';
import { QUALIFIED } from '../../../src/sandbox/traffic/stories/qualified.ts';
import { factsOf } from '../../support/oracle/facts.ts';
import { moves, standingsAt } from '../../support/oracle/oracle.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 2);
const END = START + 14 * DAY;

const traffic = (seed = 1, start = START) => demoTraffic({ start, days: 14, seed });
const days = traffic();
const deliveries = days.flatMap((day) => day.deliveries);
const facts = factsOf(deliveries);
const ended = standingsAt(deliveries, END);
const allMoves = moves(deliveries, END);
const inTier = (tier: string) => [...ended].filter(([, standing]) => standing.tier === tier);

describe('the traffic', () => {
  it('is the same for the same seed and start, and another for another seed', () => {
    expect(traffic()).toEqual(days);
    expect(traffic(2)).not.toEqual(days);
  });

  it('comes day by day, in order of arrival', () => {
    expect(days.map(({ day }) => day)).toEqual(Array.from({ length: 14 }, (_, day) => day));
    for (const { start, end, deliveries: own } of days) {
      const times = own.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.every((at) => at >= start && at < end)).toBe(true);
    }
  });

  it('holds nothing that happens after it arrives, so that no clock rule bends a time', () => {
    expect(facts.filter(({ at, heard }) => at > heard)).toEqual([]);
  });

  it('has 3,000 to 6,000 events of both vendors by every route', () => {
    expect(facts.length).toBeGreaterThan(3000);
    expect(facts.length).toBeLessThan(6000);
    const routes = new Set(deliveries.map(({ route }) => route));
    expect([...routes].sort()).toEqual([
      'amplitude-cohort',
      'amplitude-events',
      'sdk-amplitude',
      'sdk-segment',
      'segment',
      'segment-batch',
    ]);
  });

  it('ends where it is told to', () => {
    const short = demoTraffic({ start: START, days: 3, seed: 1 });
    expect(short.length).toBe(3);
    expect(short.flatMap((day) => day.deliveries).every(({ at }) => at < START + 3 * DAY)).toBe(true);
  });

  it('retries, sends twice under one message id, comes late and out of order', () => {
    expect(deliveries.filter(({ repeats }) => (repeats ?? 0) > 0).length).toBeGreaterThan(50);
    const messageIds = deliveries.flatMap(({ body }) => [
      ...new Set(JSON.stringify(body).match(/ajs-next-[0-9a-f-]{36}/g)),
    ]);
    expect(messageIds.length - new Set(messageIds).size).toBeGreaterThan(10);
    const late = facts.filter(({ at, heard }) => heard - at > DAY);
    expect(late.length).toBeGreaterThan(20);
    const overtaken = facts.filter((fact, i) => facts.slice(0, i).some((earlier) => earlier.at > fact.at));
    expect(overtaken.length).toBeGreaterThan(500);
  });

  it('has one event that nobody can read, in a batch of good ones', () => {
    const holding = deliveries.filter(({ body }) => JSON.stringify(body).includes(BAD_MESSAGE_ID));
    expect(holding.length).toBe(1);
    expect(holding[0]?.body).toHaveProperty(
      'length',
      expect.toSatisfy((length: number) => length > 1),
    );
    expect(facts.some(({ id }) => id.includes(BAD_MESSAGE_ID))).toBe(false);
  });

  it('shows a device before anybody is known on it', () => {
    expect(facts.filter(({ user, device }) => user === null && device !== null).length).toBeGreaterThan(30);
  });
});

describe('the accounts, by the oracle', () => {
  it('are the stories, and at least 60', () => {
    expect([...ended.keys()].sort()).toEqual(STORIES.map(({ key }) => key).sort());
    expect(ended.size).toBeGreaterThanOrEqual(60);
  });

  it('end as MQL about ten times, and spread over the other tiers', () => {
    // The last two qualify and are left alone.
    const expected = [...QUALIFIED.map(({ key }) => key), 'acct-1017', 'acct-1018'];
    expect(
      inTier('mql')
        .map(([key]) => key)
        .sort(),
    ).toEqual([...expected].sort());
    for (const tier of ['stage_2', 'stage_1', 'none']) {
      expect(inTier(tier).length).toBeGreaterThanOrEqual(10);
    }
  });

  it('do so whatever the seed', () => {
    for (const seed of [2, 3]) {
      const sent = traffic(seed).flatMap((day) => day.deliveries);
      const tiers = [...standingsAt(sent, END)].map(([key, { tier }]) => `${key} ${tier}`).sort();
      expect(tiers.filter((line) => line.endsWith(' mql')).length).toBe(12);
      expect(tiers.length).toBe(ended.size);
    }
  });

  it('S0-10 one of them stands exactly on the threshold', () => {
    expect(ended.get('acct-1001')).toMatchObject({ score: 85, tier: 'mql' });
  });

  it('S0-15 one qualifies, goes quiet and falls out; each other one enters once and stays', () => {
    const out = allMoves.filter(({ move }) => move === 'out');
    expect(out.map(({ account }) => account)).toEqual(['acct-1011']);
    expect(out[0]?.at).toBeLessThan(START + 13 * DAY);
    expect(allMoves.filter(({ move }) => move === 'in').length).toBe(13);
    expect(ended.get('acct-1011')).toMatchObject({ hasDepth: false, tier: 'stage_2' });
    expect(ended.get('acct-1011')?.score).toBeGreaterThanOrEqual(85);
  });

  it('S0-14 one has every behaviour and no fit', () => {
    expect(ended.get('acct-1012')).toMatchObject({ score: 90, hasDepth: true, tier: 'stage_2' });
  });

  it('one is a personal address with heavy use', () => {
    expect(ended.get('person:solo-user-1')).toMatchObject({ score: 80, tier: 'stage_2' });
  });

  it('decision 8: one is known by its mail domain until a group call on day 6', () => {
    const before = standingsAt(deliveries, START + 6 * DAY);
    expect(before.has('solmardata.example')).toBe(true);
    expect(before.has('acct-1009')).toBe(false);
    expect(ended.has('solmardata.example')).toBe(false);
    expect(ended.get('acct-1009')?.tier).toBe('mql');
    // The merge itself qualifies nobody: an entry by merging would not act.
    const merged = allMoves.find(({ account }) => account === 'acct-1009');
    expect(merged?.at).toBeGreaterThan(START + 8 * DAY);
  });

  it('the one that the CRM refuses qualifies', () => {
    expect(ended.get(refusedAccount.key)?.tier).toBe('mql');
  });
});
