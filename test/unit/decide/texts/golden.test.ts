import { describe, expect, it } from 'vitest';
import { STORIES, taskOf } from './stories.ts';

const tasks = STORIES.map((story) => ({ title: story.title, ...taskOf(story) }));

/** The letter to send: what follows its greeting, up to the line. */
function letterOf(body: string): string {
  return body.slice(body.indexOf('Draft\n')).split('\n---')[0] ?? '';
}

describe('task texts, as a rep reads them (S1-52, S2-85 … S2-87, S2-92, S2-126, S3-24, S3-29, S4-100 … S4-105, S4-109, S4-111)', () => {
  it('are these: tasks.txt, to be read by a person whenever it changes', async () => {
    const shown = tasks.map(
      ({ title, subject, body }, i) => `=== ${i + 1}. ${title} ===\n\n${subject}\n\n${body}\n`,
    );
    await expect(shown.join('\n\n')).toMatchFileSnapshot('./tasks.txt');
  });

  it.each(tasks)('$title: nothing dangles, and nothing unknown shows', ({ subject, body }) => {
    for (const text of [subject, body]) {
      expect(text).not.toMatch(/null|undefined|\[object|NaN|\{\{|\{%/);
      expect(text).not.toMatch(/ [,.;:!?)]|^(?!Hi ).*[,;(] *$|,,|\.\.|\(\)| {2}|\n{3}|1970/m);
    }
    expect(subject.length).toBeLessThanOrEqual(120);
  });

  it.each(tasks)(
    '$title: a letter with a subject, a greeting, a question or an offer, and less than 120 words',
    ({ body }) => {
      const letter = letterOf(body);
      expect(letter).toMatch(/^Draft\nSubject: \S.*\n\nHi \S.*,\n\n[A-Z]/);
      expect(letter.split(/\s+/).length).toBeLessThan(120);
      expect(letter).toMatch(/\?/);
    },
  );

  it.each(tasks)(
    '$title: reasons with a number and a day, whom to write to, the deadline and the evidence',
    ({ body }) => {
      const why = body.slice(body.indexOf('Why now'), body.indexOf('Who\n'));
      expect(why.trim().split('\n').length).toBeGreaterThanOrEqual(3);
      expect(why.trim().split('\n').length).toBeLessThanOrEqual(5);
      expect(why).toMatch(/on 2026-0[123]-\d\d/);
      expect(body).toMatch(/\nWho\n\S.+\n/);
      expect(body).toMatch(
        /\n---\nDue 2026-03-\d\d \d\d:\d\d UTC \(\w+\)\. .*http:\/\/127\.0\.0\.1\/accounts\/acct-7$/,
      );
    },
  );

  it('S4-88, S4-102, S4-111: nobody who did not ask for a demo is offered one', () => {
    const offered = tasks.filter(({ body }) => /\bdemo\b/i.test(letterOf(body)));
    expect(offered.map(({ title }) => title)).toEqual(['a demo, filled in']);
  });

  it('S4-108: a small contract gets the link, and no calendar', () => {
    const small = tasks.find(({ title }) => title.includes('small contract'));
    expect(small?.body).toContain('https://orbit.example/upgrade');
    expect(small?.body).not.toContain('https://cal.example');
  });

  it('S4-107: how to reach somebody goes by how senior they are', () => {
    const of = (words: string) => tasks.find(({ title }) => title.includes(words))?.body;
    expect(of('a vice president')).toContain('make it personal');
    expect(of('three times, one person')).toContain('by e-mail and LinkedIn');
    expect(of('the pricing page')).not.toContain('LinkedIn');
  });

  it('the task hangs on the person whom its letter greets', () => {
    const of = (words: string) => tasks.find(({ title }) => title.includes(words));
    expect(of('a vice president')).toMatchObject({
      person: 'u:mia',
      body: expect.stringContaining('Hi Mia,'),
    });
    expect(of('whose address nobody knows')).toMatchObject({
      person: 'u:ann',
      body: expect.stringContaining('Hi Ann,'),
    });
  });
});
