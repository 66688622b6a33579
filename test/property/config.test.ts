import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../src/accounts/facts-file.ts';
import { readSignals } from '../../src/accounts/signal-plan.ts';
import { readHandoff } from '../../src/decide/handoff/read.ts';
import { readMapping } from '../../src/decide/mapping.ts';
import { readModel } from '../../src/score/compile/read.ts';
import type { ConfigProblem } from '../../src/shared/config-file.ts';
import type { Result } from '../../src/shared/result.ts';
import { FEW_DOMAINS } from '../support/facts.ts';
import { knownWith } from '../support/known.ts';
import { shippedSignals, shippedText } from '../support/shipped.ts';

const { signals } = shippedSignals();
type Reader = (text: string) => Result<unknown, ConfigProblem[]>;

const HANDOFF_KNOWS = {
  tiers: ['mql'],
  others: ['mid', 'high', 'burning'],
  flags: ['self_serve_only', 'outside_icp'],
  segments: [],
  templates: ['mql'],
  model: knownWith(signals),
};

const READERS: Record<string, Reader> = {
  'signals.yaml': (text) => readSignals('f', text),
  'models/mql-rubric.yaml': (text) => readModel('mql-rubric.yaml', text, knownWith(signals)),
  'handoff.yaml': (text) => readHandoff('f', text, HANDOFF_KNOWS),
  'hubspot.yaml': (text) => readMapping('hubspot', 'f', text),
  'salesforce.yaml': (text) => readMapping('salesforce', 'f', text),
  'facts.yaml': (text) => readFacts('f', text, FEW_DOMAINS, [...signals.keys()]),
};

/** Things that an operator's slip, or malice, may leave in a file. */
const ODD = [
  '',
  '~',
  '5',
  '-1',
  'true',
  '"x"',
  '[]',
  '{}',
  '[1, [2]]',
  '{ a: { b: c } }',
  '.nan',
  '&a [x]',
  '*a',
  '__proto__',
  '1e400',
  "'",
  '# ',
  ': ',
];

interface Slip {
  at: number;
  kind: 'delete' | 'twice' | 'value' | 'key' | 'letter';
  odd: string;
}

const slip: fc.Arbitrary<Slip> = fc.record({
  at: fc.nat(10_000),
  kind: fc.constantFrom('delete', 'twice', 'value', 'key', 'letter'),
  odd: fc.constantFrom(...ODD),
});

function withSlip(text: string, { at, kind, odd }: Slip): string {
  const lines = text.split('\n');
  const i = at % lines.length;
  const line = lines[i] ?? '';
  const changed = {
    delete: [],
    twice: [line, line],
    value: [line.replace(/: (.+)$/, `: ${odd}`)],
    key: [line.replace(/[a-z_]+:/, `${odd}:`)],
    letter: [line.slice(0, at % 40) + line.slice((at % 40) + 1)],
  }[kind];
  return lines.toSpliced(i, 1, ...changed).join('\n');
}

describe('I11: whatever stands in a configuration file, it is read or every problem has a place', () => {
  it.each(Object.entries(READERS))(
    '%s',
    (name, read) => {
      const text = shippedText(name);
      fc.assert(
        fc.property(fc.array(slip, { minLength: 1, maxLength: 6 }), (slips) => {
          const broken = slips.reduce(withSlip, text);
          const result = read(broken);
          if (!result.ok) {
            expect(result.error.length).toBeGreaterThan(0);
            const last = broken.split('\n').length;
            const lines = result.error.map(({ line }) => line);
            expect(lines.every((line) => line >= 1 && line <= last)).toBe(true);
            expect(lines).toEqual([...lines].sort((a, b) => a - b));
          }
        }),
        { numRuns: 150 },
      );
    },
    60_000,
  );
});
