import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../../../src/decide/texts/template.ts';

const OUR = { product: 'Orbit', help: '' };

function problems(text: string, over: Partial<Parameters<typeof readTemplate>[2]> = {}): string[] {
  const read = readTemplate('mappings/templates/t.liquid', text, { our: OUR, parts: {}, ...over });
  return read.ok
    ? []
    : read.error.map(({ file, line, found, allowed }) => `${file}:${line} ${found} -> ${allowed}`);
}

describe('S4-101, S2-126: a template that names a missing fact is refused when it is read, with file and line', () => {
  it.each([
    ['a fact with a slip', 'x\n{{ acount.name }}', ':2 acount -> a fact: account, score'],
    ['something of a fact', 'x\n\n{{ trigger.wrds }}', ':3 trigger.wrds -> of trigger: signal, name, words'],
    [
      'in an if that is never true',
      'x\n{% if account.key == "" %}{{ person.frist_name }}{% endif %}',
      'did you mean "first_name"?',
    ],
    ['in what an if asks', 'x\n{% if tirgger %}y{% endif %}', ':2 tirgger'],
    [
      'of a line in a loop',
      'x\n{% for line in also %}{{ line.wyh }}{% endfor %}',
      ':2 undefined variable: line.wyh',
    ],
    [
      'a word of ours that handoff.yaml lacks',
      'x\n{{ our.prodct }}',
      ':2 our.prodct -> texts.our of handoff.yaml: product, help',
    ],
    [
      'the same where it is asked for',
      'x\n{% if our.link %}{{ our.link }}{% endif %}',
      ':2 our.link -> texts.our',
    ],
    ['inside a text', 'x\n{{ score.value.points }}', ':2 score.value.points'],
    ['an unknown filter', 'x\n{{ account.name | shout }}', ':2 undefined filter: shout'],
    ['an if without its end', 'x\n{% if trigger %}y', ':2 tag {% if trigger %} not closed'],
  ])('%s', (_title, text, words) => {
    expect(problems(text).join('\n')).toContain(words);
  });

  it('a group of facts is no value: `trigger` was a text once, and is several facts now', () => {
    const read = readTemplate(
      'mql.liquid',
      'Subject\n\n{% if trigger %}Set off by: {{ trigger }}.{% endif %}',
    );
    expect(read.ok ? [] : read.error).toEqual([
      {
        file: 'mql.liquid',
        line: 3,
        path: '',
        found: 'a group of facts that is printed as a whole',
        allowed: 'one of the facts in it, such as trigger.words or account.name',
      },
    ]);
  });

  it('every wrong name is told, not the first alone', () => {
    expect(problems('{{ a }}\n{{ b }}')).toHaveLength(2);
  });
});

describe('what may be unknown is asked for before it is said', () => {
  it.each([
    '{{ person.name }}',
    '{% if person %}{{ person.name }}{% endif %}',
    '{{ trigger.words }}',
    '{% if trigger %}{{ trigger.by.name }}{% endif %}',
    '{{ next_plan.name }}',
    '{{ account.industry }}',
    '{{ our.help }}',
  ])('%s is refused', (text) => {
    expect(problems(`x\n${text}`)).toEqual([
      expect.stringMatching(/t\.liquid:2 undefined variable: .+ -> .+after \{% if/),
    ]);
  });

  it.each([
    '{% if person.name %}{{ person.name }}{% endif %}',
    '{{ person.first_name | default: "there" }}',
    '{% if trigger %}{{ trigger.times }} {{ trigger.last }}{% endif %}',
    '{% if our.help %}{{ our.help }}{% endif %}',
    '{{ our.product }}',
    '{% for line in also limit: 2 %}{{ line.why }}{% endfor %}{{ also.size }}',
  ])('%s is taken', (text) => {
    expect(problems(`x\n${text}`)).toEqual([]);
  });

  it('words of ours are not asked for while handoff.yaml is broken itself', () => {
    expect(problems('x\n{% if our.link %}y{% endif %}', { our: null })).toEqual([]);
  });
});

describe('a day in words', () => {
  it.each([
    ['2026-03-02', 'March 2'],
    ['2026-12-31', 'December 31'],
    ['2026-13-01', '2026-13-01'],
    ['soon', 'soon'],
  ])('%s is %s', (date, words) => {
    const read = readTemplate('t.liquid', 'x\n{{ due | day }}');
    expect(read.ok && read.value({ due: date } as never).body).toBe(words);
  });
});

describe('a part of several templates', () => {
  const parts = { hello: 'Hi {{ account.name }},\n{{ account.nme }}' };

  it('is written into its place', () => {
    const read = readTemplate('t.liquid', 'x\n{% include "hello" %}', {
      our: {},
      parts: { hello: 'Hi {{ route }}' },
    });
    expect(read.ok && read.value({ route: 'SDR' } as never).body).toBe('Hi SDR');
  });

  it('has its own file in what is wrong with it', () => {
    expect(problems('x\n{% include "hello" %}', { parts })).toEqual([
      expect.stringContaining('mappings/templates/_hello.liquid:2 account.nme'),
    ]);
  });

  it('that is not there is refused', () => {
    expect(problems('x\n{% include "helo" %}', { parts })[0]).toMatch(
      /t\.liquid:2 include "helo" -> a part, .*: hello/,
    );
  });
});
