import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProductEvent, QuarantinedEvent } from '../../src/events/event.ts';
import { appendEntries, type Journal, type JournalEntry } from '../../src/events/journal.ts';
import { event } from '../support/event.ts';

/** One implementation of the journal port, and a look at what it holds. */
export interface JournalGround {
  journal: Journal;
  events(): Promise<ProductEvent[]>;
  /** What was quarantined under this code. */
  quarantined(code: string): Promise<Pick<QuarantinedEvent, 'code' | 'reason' | 'raw' | 'id' | 'route'>[]>;
  close(): Promise<void>;
}

const entry = (over: Partial<ProductEvent> = {}): JournalEntry => ({ type: 'event', event: event(over) });

function refused(over: Partial<QuarantinedEvent>): JournalEntry {
  return {
    type: 'quarantine',
    quarantined: {
      vendor: 'segment',
      route: 'segment.webhook',
      code: 'no_ids',
      reason: 'The event has no ids.',
      raw: '{"type":"track"}',
      id: null,
      receivedAt: event().receivedAt,
      ...over,
    },
  };
}

/** What the journal port promises, for every implementation. */
export function journalContract(name: string, makeJournal: () => Promise<JournalGround>): void {
  describe(`journal: ${name}`, () => {
    let ground: JournalGround;
    beforeAll(async () => {
      ground = await makeJournal();
    });
    afterAll(() => ground.close());

    const append = (...entries: JournalEntry[]) => appendEntries(ground.journal, entries);
    const kept = async (id: string) => (await ground.events()).filter((one) => one.id === id);

    it('I1: what append has acknowledged can be read back, whole', async () => {
      const whole = event({
        id: 'whole',
        email: 'ada@initech.example',
        accountId: 'acct-7',
        anonymousId: 'a-9',
        properties: { 'ключ ☕': [1, null, { deep: true }], quote: `'";--` },
        personTraits: [{ op: 'set', name: 'title', value: 'Büro' }],
        accountTraits: [
          { op: 'unset', name: 'plan', value: null },
          { op: 'set_once', name: 'csm', value: [1, null] },
          { op: 'set', name: 'plan', value: null },
        ],
      });
      expect(await append({ type: 'event', event: whole })).toEqual({ fresh: 1 });
      expect(await kept('whole')).toEqual([whole]);
    });

    it('I1: text that looks like the end of a line, of a quote or of an array comes back as it was', async () => {
      const text = 'a\nb\r\n"c" \\n {1,NULL} \u2028 ☕';
      const odd = [1, 2, 3].map((n) => entry({ id: `odd-${n}`, name: text, properties: { [text]: text } }));
      await appendEntries(ground.journal, odd);
      const kept = (await ground.events()).filter(({ id }) => id.startsWith('odd-'));
      expect(kept.map(({ name, properties }) => [name, properties[text]])).toEqual(
        odd.map(() => [text, text]),
      );
    });

    it('I2: an event counts once over appends, and the first one stays', async () => {
      await append(entry({ id: 'twice', name: 'First' }));
      expect(await append(entry({ id: 'twice', name: 'Second' }))).toEqual({ fresh: 0 });
      expect((await kept('twice')).map((one) => one.name)).toEqual(['First']);
    });

    it('I2: an event counts once within one append', async () => {
      expect(await append(entry({ id: 'same' }), entry({ id: 'same' }), entry())).toEqual({ fresh: 2 });
      expect(await kept('same')).toHaveLength(1);
    });

    it('I2: an event that two requests of one append have counts once, and the first one stays', async () => {
      const write = (id: string, name: string) => ground.journal.write([entry({ id, name }), entry()]);
      await append(entry());
      const pages = [write('shared', 'First'), write('shared', 'Second'), write('single', 'Single')];
      expect(await ground.journal.append(pages)).toEqual({ fresh: 5 });
      expect(await ground.journal.append([write('shared', 'Third')])).toEqual({ fresh: 1 });
      expect((await kept('shared')).map((one) => one.name)).toEqual(['First']);
    });

    it('I2: the message ids of the two vendors are apart', async () => {
      const both = [entry({ id: 'm', vendor: 'segment' }), entry({ id: 'm', vendor: 'amplitude' })];
      expect(await append(...both)).toEqual({ fresh: 2 });
    });

    describe('I2: an event that has another id on another route', () => {
      const streamed = (id: string, twin: string): JournalEntry =>
        ({ ...entry({ id }), twin }) as JournalEntry;

      it('counts once, whichever came first, in one append or in two', async () => {
        await append(entry({ id: 'client-1' }));
        expect(await append(streamed('row-1', 'client-1'))).toEqual({ fresh: 0 });
        await append(streamed('row-2', 'client-2'));
        expect(await append(entry({ id: 'client-2' }))).toEqual({ fresh: 0 });
        expect(await append(streamed('row-3', 'client-3'), entry({ id: 'client-3' }))).toEqual({ fresh: 1 });
      });

      it('two that differ in the id and share the other one are two events, repeats still none', async () => {
        expect(await append(streamed('row-4', 'client-4'), streamed('row-5', 'client-4'))).toEqual({
          fresh: 2,
        });
        expect(await append(streamed('row-6', 'client-4'), streamed('row-4', 'client-4'))).toEqual({
          fresh: 1,
        });
      });

      it('from both routes at once, many times', async () => {
        const ids = Array.from({ length: 30 }, (_, i) => i);
        const results = await Promise.all(
          [0, 1, 2, 3].flatMap(() => [
            append(...ids.map((i) => streamed(`r-${i}`, `c-${i}`))),
            append(...ids.toReversed().map((i) => entry({ id: `c-${i}` }))),
          ]),
        );
        expect(results.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(30);
      });
    });

    it('I2: the same events in many appends at once count once', async () => {
      const many = Array.from({ length: 40 }, (_, i) => `race-${i}`);
      const appends = Array.from({ length: 8 }, (_, i) => {
        const ids = i % 2 === 0 ? many : [...many].reverse();
        return append(...ids.map((id) => entry({ id })));
      });
      const results = await Promise.all(appends);
      expect(results.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(40);
      expect((await ground.events()).filter(({ id }) => id.startsWith('race-'))).toHaveLength(40);
    });

    it('an id as long as ids may be is told from another that differs in its last letter', async () => {
      const long = 'x'.repeat(4095);
      expect(await append(entry({ id: `${long}a` }), entry({ id: `${long}b` }))).toEqual({ fresh: 2 });
      expect(await append(entry({ id: `${long}a` }))).toEqual({ fresh: 0 });
    });

    it('nothing to append is no error', async () => {
      expect(await append()).toEqual({ fresh: 0 });
    });

    it('takes 10,000 events in one append', async () => {
      const many = Array.from({ length: 10_000 }, (_, i) => entry({ id: `bulk-${i}` }));
      expect(await append(...many)).toEqual({ fresh: 10_000 });
    });

    it('I9: keeps the refused beside the good of one append, with the reason, and counts only the good', async () => {
      const bad = refused({ code: 'too_old', id: 'old-1', raw: '{"messageId":"old-1"}' });
      expect(await append(bad, entry())).toEqual({ fresh: 1 });
      const { code, reason, raw, id, route } = (bad as { quarantined: QuarantinedEvent }).quarantined;
      expect(await ground.quarantined('too_old')).toEqual([{ code, reason, raw, id, route }]);
    });

    it('keeps 64 KiB of a refused element', async () => {
      const raw = 'é'.repeat(32_768);
      await append(refused({ code: 'bad_json', raw }));
      expect((await ground.quarantined('bad_json')).map((one) => one.raw)).toEqual([raw]);
    });
  });
}
