import { describe, expect, it } from 'vitest';
import type { Known } from '../../../src/score/compile/known.ts';
import { readModel } from '../../../src/score/compile/read.ts';
import { evaluate } from '../../../src/score/evaluate.ts';
import type { Model } from '../../../src/score/model.ts';
import { formatProblem } from '../../../src/shared/config-file.ts';
import { event, group, NOON } from '../../support/event.ts';
import { knownWith } from '../../support/known.ts';
import { shippedSignals } from '../../support/shipped.ts';
import { stateOf } from '../../support/state.ts';

const text = (name: string, signal: string, segments = '') => `model: ${name}
title: ${name}
weighting: raw
groups: [use]
${segments}rules:
  - { id: done, group: use, signal: ${signal}, window: 90 days, points: 60 points once, why: did it }
tiers: [{ id: none, from: 0 }, { id: pql, from: 50 }]
`;

const SEGMENTS =
  'segments: [{ id: big, when: { trait: employees, at_least: 1000 }, model: large }, { id: others }]\n';

function compiled(name: string, signal: string, segments = ''): Model {
  const known: Known = {
    ...knownWith(shippedSignals().signals),
    other: (other) => (other === 'large' ? compiled('large', 'aha') : undefined),
  };
  const read = readModel(`${name}.yaml`, text(name, signal, segments), known);
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

function scored(employees: number | null) {
  const facts = employees === null ? {} : { employees };
  const events = [event({ accountId: 'acct-7', name: 'Aha Moment Reached' }), group('acct-7', facts)];
  return evaluate(compiled('small', 'workflow_configured', SEGMENTS), stateOf('acct-7', events), NOON);
}

describe('S2-113, S2-114: a segment may be scored by another model', () => {
  it.each([
    [1000, 'big', 60, 'pql'],
    [999, 'others', 0, 'none'],
    [null, 'others', 0, 'none'],
  ])('%j employees are %s: %i points, %s', (employees, segment, value, tier) => {
    expect(scored(employees)).toMatchObject({ segment: { id: segment }, value, tier });
  });
});
