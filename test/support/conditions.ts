import fc from 'fast-check';
import { COUNTS, OCCURRING } from './catalogue.ts';
import {
  accountTraitTests,
  amountTests,
  countTests,
  optional,
  orNot,
  personTraitTests,
  windows,
  windowsOfAge,
} from './model-words.ts';

/** What a condition may refer to. */
interface Above {
  rules: readonly string[];
  gates: readonly string[];
}

type Condition = Record<string, unknown>;

const SIGNALS = Object.keys(COUNTS);

/** A signal with its way of counting and its window: the shape of both conditions and rules. */
export const signalSubjects = fc.constantFrom(...SIGNALS).chain((signal) => {
  const counts = COUNTS[signal] ?? [];
  const count = counts.length === 0 ? fc.constant(undefined) : fc.constantFrom(...counts);
  return fc
    .record({ signal: fc.constant(signal), count, window: windows })
    .map(({ count, window, signal }) => {
      // Sums and days are too coarse for hours.
      const isCoarse = count === 'sum' || signal === 'setup' || count?.endsWith(' days');
      const fits = isCoarse && window.includes('hour') ? '2 days' : window;
      return { signal, ...(count === undefined ? {} : { count }), window: fits };
    });
});

const signalAtoms = signalSubjects.chain((subject) => {
  const fractional = subject.count === 'sum' || subject.signal === 'finished';
  return (fractional ? amountTests : countTests).map((test): Condition => ({ ...subject, ...test }));
});

export const peopleSubjects = fc
  .record({
    where: orNot(personTraitTests),
    active_within: orNot(windowsOfAge),
    distinct: orNot(fc.constantFrom('department', 'level')),
  })
  .map(({ where, active_within, distinct }) => ({
    ...optional('where', where),
    ...optional('active_within', active_within),
    ...optional('distinct', distinct),
  }));

const peopleAtoms = fc
  .tuple(peopleSubjects, orNot(fc.constantFrom(1, 2, 3)))
  .map(([people, least]): Condition => ({ people: { ...people, ...optional('at_least', least) } }));

export const lastSubjects = fc.oneof(
  fc.constantFrom(...OCCURRING),
  fc.subarray([...OCCURRING], { minLength: 1, maxLength: 3 }),
);

/** Any condition; `nested` up to three deep. */
export function conditions({ rules, gates }: Above, nested: boolean): fc.Arbitrary<Condition> {
  const atoms = [
    { weight: 4, arbitrary: signalAtoms },
    { weight: 1, arbitrary: fc.record({ last: lastSubjects, within: windowsOfAge }) },
    { weight: 2, arbitrary: accountTraitTests as fc.Arbitrary<Condition> },
    {
      weight: 1,
      arbitrary: countTests.map((test): Condition => ({ trait: 'tech_stack', entries: 'distinct', ...test })),
    },
    { weight: 1, arbitrary: peopleAtoms },
    { weight: 1, arbitrary: windowsOfAge.map((window): Condition => ({ signed_up_within: window })) },
    { weight: 1, arbitrary: windowsOfAge.map((within): Condition => ({ date: 'renews_on', within })) },
    ...(rules.length === 0
      ? []
      : [{ weight: 1, arbitrary: fc.constantFrom(...rules).map((rule): Condition => ({ rule })) }]),
    ...(gates.length === 0
      ? []
      : [{ weight: 2, arbitrary: fc.constantFrom(...gates).map((gate): Condition => ({ gate })) }]),
  ];
  if (!nested) {
    return fc.oneof(...atoms);
  }
  return fc.letrec<{ any: Condition; several: Condition[] }>((tie) => ({
    several: fc.array(tie('any'), { minLength: 1, maxLength: 3 }),
    any: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'condition' },
      { weight: 6, arbitrary: fc.oneof(...atoms) },
      { weight: 1, arbitrary: tie('several').map((all): Condition => ({ all })) },
      { weight: 1, arbitrary: tie('several').map((any): Condition => ({ any })) },
      { weight: 1, arbitrary: tie('any').map((not): Condition => ({ not })) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(tie('several'), fc.integer({ min: 1, max: 3 }))
          .map(([of, least]): Condition => ({ of, at_least: Math.min(least, of.length) })),
      },
    ),
  })).any;
}
