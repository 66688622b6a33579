import { describe, expect, it } from 'vitest';
import { castOf } from '../../../src/sandbox/traffic/cast.ts';
import {
  hubspotSeeds,
  refusalRule,
  refusedAccount,
  seedSalesforce,
} from '../../../src/sandbox/traffic/crm-seeds.ts';
import { scenesOf } from '../../../src/sandbox/traffic/plot.ts';
import { STORIES } from '../../../src/sandbox/traffic/stories/index.ts';
import type { Story } from '../../../src/sandbox/traffic/story.ts';
import { loadDomainLists } from '../../../src/shared/domain-lists.ts';

const story = (plot: Story['plot']): Story => ({
  key: 'acct-7',
  name: 'Acme',
  domain: 'acme.example',
  way: 'segment',
  fit: {},
  people: ['Lena Ortiz | Head of Operations | Operations', 'Omar Haddad | Engineer |'],
  plot,
  pace: 'never',
});
const told = (plot: Story['plot']) =>
  scenesOf(story(plot)).map(({ day, toldOn, who, deeds }) => ({
    when: [day, toldOn],
    who: who.id,
    deeds: deeds.map(({ event, properties }) => [event, ...Object.values(properties)]),
  }));

describe('a plot', () => {
  it('is sentences of a person and what they do', () => {
    expect(told({ 2: 'Lena invites 2; Omar configures a workflow' })).toEqual([
      {
        when: [2, 2],
        who: 'acme-lena',
        deeds: [
          ['Invite Sent', 'teammate1@acme.example'],
          ['Invite Sent', 'teammate2@acme.example'],
        ],
      },
      { when: [2, 2], who: 'acme-omar', deeds: [['Workflow Configured', 'w-1']] },
    ]);
  });

  it('goes on counting teammates, and repeats them in other letters when they are invited again', () => {
    const [, more, again] = told({ 1: 'Lena invites 1', 2: 'Lena invites 1', 3: 'Omar invites again 1' });
    expect(more?.deeds).toEqual([['Invite Sent', 'teammate2@acme.example']]);
    expect(again?.deeds).toEqual([['Invite Sent', 'TEAMMATE1@ACME.EXAMPLE']]);
  });

  it('may be told later than it happens', () => {
    expect(told({ 9: 'Lena breaches storage, told on day 11' })).toEqual([
      { when: [9, 11], who: 'acme-lena', deeds: [['Limit Breach Attempted', 'storage']] },
    ]);
  });

  it('is refused when it names somebody unknown', () => {
    expect(() => told({ 1: 'Nobody signs up' })).toThrow(/"Nobody signs up"; its people are: Lena, Omar/);
  });

  it('is refused when it has an unknown verb', () => {
    expect(() => told({ 1: 'Lena sings' })).toThrow(/"sings"; the verbs are: signs up, joins/);
  });
});

describe('the stories', () => {
  it('have a key each, and user ids that no other story has', () => {
    const keys = STORIES.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const users = STORIES.flatMap((one) => [...castOf(one).values()].map(({ id }) => id));
    expect(new Set(users).size).toBe(users.length);
  });

  it('name people whom the plot can tell apart, with ids that Amplitude takes', () => {
    for (const one of STORIES) {
      const cast = [...castOf(one).values()];
      expect(cast.length, one.name).toBe(one.people.length);
      expect(
        cast.every(({ id }) => id.length >= 5),
        one.name,
      ).toBe(true);
    }
  });

  it('happen within the 14 days', () => {
    const scenes = STORIES.flatMap(scenesOf);
    expect(scenes.filter(({ day, toldOn }) => day < 0 || toldOn < day || toldOn > 13)).toEqual([]);
  });

  it('have work mail but for the personal ones', () => {
    const lists = loadDomainLists();
    const kinds = STORIES.map(({ key, domain }) => [key.startsWith('person:'), lists.kind(domain)]);
    expect(kinds.filter(([personal, kind]) => personal !== (kind === 'free'))).toEqual([]);
  });

  it('use every way of naming an account', () => {
    expect(new Set(STORIES.map(({ way }) => way)).size).toBe(7);
  });
});

describe('what the CRMs know before', () => {
  const people = new Set(STORIES.flatMap((one) => [...castOf(one).values()].map(({ email }) => email)));
  const domains = new Set(STORIES.map(({ domain }) => domain));

  it('is about companies and people of the stories', () => {
    for (const { properties } of hubspotSeeds(Date.UTC(2026, 10, 2))) {
      expect(properties.email === undefined ? domains : people).toContain(
        properties.email ?? properties.domain,
      );
    }
  });

  it('holds a lead and a converted lead in Salesforce, each of somebody in the stories', () => {
    const seeded: { object: string; values: Record<string, unknown> }[] = [];
    seedSalesforce({
      seed: (object, values) => ({ Id: `id-${seeded.push({ object, values })}` }),
      records: () => [],
    });
    const leads = seeded.filter(({ object }) => object === 'Lead').map(({ values }) => values);
    expect(leads.map(({ Email }) => people.has(String(Email)))).toEqual([true, true]);
    expect(leads.map(({ IsConverted = false }) => IsConverted)).toEqual([false, true]);
    const converted = String(leads[1]?.ConvertedContactId);
    expect(seeded[Number(converted.slice(3)) - 1]?.object).toBe('Contact');
  });

  it('I9 includes a rule of Salesforce that refuses exactly one account', () => {
    const refused = STORIES.filter(({ name }) => refusalRule('Account', { Name: name }, {}) !== null);
    expect(refused.map(({ key, name }) => [key, name])).toEqual([[refusedAccount.key, refusedAccount.name]]);
    expect(refusalRule('Contact', { Name: refusedAccount.name }, {})).toBeNull();
  });
});
