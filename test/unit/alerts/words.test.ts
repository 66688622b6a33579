import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPoints, escaped, link, mention } from '../../../src/alerts/slack/escape.ts';
import { lengthOf } from '../../../src/alerts/slack/message.ts';
import { rollUpMessage } from '../../../src/alerts/slack/roll-up.ts';
import { cardMessage, followUpMessage, type ThreadState } from '../../../src/alerts/slack/words.ts';
import type { AlertPayload } from '../../../src/decide/handoff/alerts.ts';
import { blocksProblem } from '../../../src/sandbox/slack/rules.ts';
import { cardOf } from '../../support/slack-world.ts';

const OPEN = { state: 'open', by: null, until: null } as const;
const EXTRAS = { owner: null, records: [], button: 'al_0', repeat: false };
const payload = (over: Partial<AlertPayload> = {}): AlertPayload => ({
  crmKey: 'pql-1',
  what: 'breached',
  channel: 'C0PQLALERTS',
  quiet: false,
  line: 'Nobody got in touch in time.',
  owner: null,
  person: 'u:ada',
  card: cardOf(),
  ...over,
});

describe('text of others is harmless', () => {
  it.each([
    ['<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
    ['&amp;', '&amp;amp;'],
    ['plain *bold*', 'plain *bold*'],
  ])('%j is escaped', (text, expected) => {
    expect(escaped(text)).toBe(expected);
  });

  it.each([
    ['U0123456789', '<@U0123456789>'],
    ['<!here>', '&lt;!here&gt;'],
    ['u123', 'u123'],
  ])('%s is mentioned only as an id of Slack', (user, expected) => {
    expect(mention(user)).toBe(expected);
  });

  it.each([
    [
      'https://pql.example.com/a?b=1&c=|>',
      'Acme | Co',
      '<https://pql.example.com/a?b=1&amp;c=%7C%3E|Acme   Co>',
    ],
    ['http://127.0.0.1:8080/x', 'x', '<http://127.0.0.1:8080/x|x>'],
    ['http://elsewhere.example.com/', 'x', null],
    ['javascript:alert(1)', 'x', null],
    [`https://pql.example.com/${'a'.repeat(2000)}`, 'x', null],
  ])('a link to %s', (address, label, expected) => {
    expect(link(address, label)).toBe(expected);
  });

  it('a name that mentions, links or breaks the line stands as plain text, and in the notification escaped', () => {
    const card = cardOf({
      name: '<!channel> <https://evil.example|Acme>\nx',
      who: { name: '<@U1>', email: null, title: null },
    });
    const { text, blocks } = cardMessage(card, 'why <!here>', OPEN, EXTRAS, false);
    expect(text).not.toMatch(/<[!@h]/);
    const marked = blocks.flatMap((block) =>
      block.type === 'section' && block.text?.type === 'mrkdwn' ? [block.text.text] : [],
    );
    expect(marked).toEqual(['<https://pql.example.com/api/v1/accounts/acct-7|score and reasons>']);
  });

  it('is cut by whole characters', () => {
    expect(cutPoints('🙂🙂🙂', 2)).toBe('🙂…');
  });
});

describe('no message comes near the limits of Slack, whatever the names are', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4000 });
  const states = fc.constantFrom<ThreadState>('open', 'claimed', 'snoozed', 'breached', 'bought');

  it('cards, words and roll-ups', () => {
    fc.assert(
      fc.property(text, text, states, fc.integer({ min: 1, max: 300 }), (name, line, state, count) => {
        const who = { name, email: name, title: name };
        const card = cardOf({
          name,
          domain: name,
          size: name,
          reasons: Array(5).fill(line),
          who,
          route: name,
        });
        const owner = { user: null, name };
        const messages = [
          cardMessage(
            card,
            line,
            { state, by: 'U1', until: '2026-03-03T12:00:00.000Z' },
            { ...EXTRAS, owner },
            false,
          ),
          followUpMessage(payload({ card, line }), owner, { alone: true, quiet: false, repeat: true }),
          rollUpMessage(Array(count).fill({ card, owner }), 'https://pql.example.com', {
            quiet: false,
            repeat: true,
          }),
        ];
        for (const message of messages) {
          expect(blocksProblem(message.blocks)).toBeNull();
          expect(lengthOf(message.blocks)).toBeLessThan(8000);
          expect(message.text.length).toBeLessThan(3000);
          expect(message.text).not.toBe('');
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('how an account stands', () => {
  const buttons = (state: ThreadState) =>
    cardMessage(cardOf(), '', { ...OPEN, state }, EXTRAS, false).blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements.map(({ action_id }) => action_id) : [],
    );
  it.each<[ThreadState, string[]]>([
    ['open', ['pql_claim', 'pql_snooze', 'pql_not_a_fit']],
    ['breached', ['pql_claim', 'pql_snooze', 'pql_not_a_fit']],
    ['claimed', ['pql_not_a_fit']],
    ['snoozed', ['pql_claim', 'pql_not_a_fit']],
    ['bought', []],
    ['suppressed', []],
    ['not_a_fit', []],
  ])('%s has the buttons %j', (state, expected) => {
    expect(buttons(state)).toEqual(expected);
  });

  it('without presses that reach us there are no buttons', () => {
    expect(JSON.stringify(cardMessage(cardOf(), '', OPEN, { ...EXTRAS, button: null }, false))).not.toContain(
      'pql_',
    );
  });

  it('a quiet channel names owners and mentions nobody', () => {
    const owner = { user: 'U0ANN00001', name: 'ann@crm.example' };
    expect(JSON.stringify(cardMessage(cardOf(), '', OPEN, { ...EXTRAS, owner }, true))).not.toContain('<@');
    expect(followUpMessage(payload(), owner, { alone: false, quiet: true, repeat: false }).text).toBe(
      'Nobody got in touch in time. ann@crm.example',
    );
  });
});
