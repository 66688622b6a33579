import fc from 'fast-check';
import { conditions, lastSubjects, peopleSubjects, signalSubjects } from './conditions.ts';
import {
  accountTraitTests,
  amountTests,
  countTests,
  numberValueTests,
  optional,
  orNot,
  POINTS,
  textValueTests,
  windowsOfAge,
  windowsOfDays,
} from './model-words.ts';

type Rule = Record<string, unknown>;

const amounts = fc.constantFrom(...POINTS);
const awards = fc.oneof(amounts, fc.constantFrom('low', 'high'));
const once = awards.map((points) => `${points} once`);
/** `each`, alone or with one of the three forms of a cap. */
const each = fc
  .tuple(
    fc.constantFrom('27.5', '0.1', '3.333333', '-7.25', '5'),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([amount, times, form]) => {
    const worth = String(Math.round(Math.abs(Number(amount)) * times * 1e6) / 1e6);
    const caps = [undefined, `${worth} points`, `${times} times`, `${times} times = ${worth} points`];
    return { points: `${amount} points each`, ...optional('cap', caps[form]) };
  });

const fades = fc
  .oneof(
    fc.record({
      over: fc.constantFrom('1 day', '7 days', '90 days'),
      to: orNot(fc.constantFrom('20 %', '33.3333 %')),
    }),
    fc.record({
      half_every: fc.constantFrom('1 day', '7 days', '30 days'),
      to: orNot(fc.constantFrom('5 %', '60 %')),
    }),
  )
  .map((fade) => JSON.parse(JSON.stringify(fade)) as Rule);

function stepsOf(tests: fc.Arbitrary<Rule>) {
  const step = fc.tuple(tests, amounts).map(([test, points]) => ({ ...test, points }));
  return fc
    .tuple(fc.constantFrom('best_of', 'sum_of'), fc.array(step, { minLength: 1, maxLength: 4 }))
    .map(([key, steps]) => ({ [key]: steps }));
}

const signalRules = signalSubjects.chain((subject): fc.Arbitrary<Rule> => {
  const { count = 'number', window, signal } = subject;
  const inHours =
    window.includes('hour') && ['each', 'distinct days', 'consecutive days', 'number'].includes(count);
  const tests = count === 'sum' || signal === 'finished' ? amountTests : countTests;
  const asIs = fc.oneof(
    fc.tuple(tests, once).map(([test, points]) => ({ ...test, points })),
    stepsOf(tests).map((points) => ({ points })),
  );
  const all = count === 'number' || inHours ? asIs : fc.oneof(asIs, each);
  return all.map((rest) => ({ ...subject, ...rest }));
});

/** Points that fade: only of what has days. */
const fadingRules = fc
  .tuple(
    signalSubjects.filter(({ count }) => count !== undefined && count !== 'consecutive days'),
    windowsOfDays,
    fades,
    fc.oneof(
      once.map((points) => ({ points })),
      each,
    ),
  )
  .map(([subject, window, fade, points]): Rule => ({ ...subject, window, fade, ...points }));

const lastRules = fc.oneof(
  fc.record({ last: lastSubjects, within: windowsOfAge, points: once }),
  fc.record({ last: lastSubjects, points: stepsOf(windowsOfAge.map((within) => ({ within }))) }),
);
const traitRules = fc.oneof(
  fc.tuple(accountTraitTests, once).map(([test, points]): Rule => ({ ...test, points })),
  fc.oneof(
    stepsOf(numberValueTests).map((points): Rule => ({ trait: 'employees', points })),
    stepsOf(textValueTests).map((points): Rule => ({ trait: 'industry', points })),
  ),
);
const entriesHead = { trait: 'tech_stack', entries: 'distinct' };
const entriesRules = fc.oneof(
  fc.tuple(countTests, once).map(([test, points]): Rule => ({ ...entriesHead, ...test, points })),
  each.map((rest): Rule => ({ ...entriesHead, ...rest })),
  stepsOf(countTests).map((points): Rule => ({ ...entriesHead, points })),
);
const peopleRules = peopleSubjects.chain((people) =>
  fc.oneof(
    fc
      .tuple(orNot(fc.constantFrom(1, 2)), once)
      .map(([least, points]): Rule => ({ people: { ...people, ...optional('at_least', least) }, points })),
    each.map((rest): Rule => ({ people, ...rest })),
    stepsOf(countTests).map((points): Rule => ({ people, points })),
  ),
);
const whenRules = (above: readonly string[], nested: boolean) =>
  fc.record({ when: conditions({ rules: above, gates: [] }, nested), points: once });

/**
 * So many rules, r0, r1, …; each group has one. The first gives 40 points to whoever was ever active, so that no tier is
 * out of reach.
 */
export function rules(
  count: number,
  groups: readonly string[],
  segments: readonly string[],
  nested: boolean,
) {
  const ids = Array.from({ length: count }, (_, i) => `r${i}`);
  const only =
    segments.length === 0 ? fc.constant(undefined) : orNot(fc.subarray([...segments], { minLength: 1 }), 3);
  const others = ids.slice(1).map((id, i) => {
    const kinds = fc.oneof(
      { weight: 3, arbitrary: signalRules },
      { weight: 2, arbitrary: fadingRules },
      { weight: 1, arbitrary: lastRules },
      { weight: 1, arbitrary: traitRules },
      { weight: 1, arbitrary: entriesRules },
      { weight: 1, arbitrary: peopleRules },
      { weight: 2, arbitrary: whenRules(ids.slice(0, i + 1), nested) },
    );
    return fc.tuple(kinds, only).map(([rule, segments]) => ({
      id,
      group: groups[(i + 1) % groups.length],
      why: `rule ${id}`,
      ...optional('only', segments),
      ...rule,
    }));
  });
  const sure = {
    id: 'r0',
    group: groups[0],
    why: 'rule r0',
    signal: 'activity',
    count: 'once',
    window: 'lifetime',
    points: '40 points once',
  };
  return fc.tuple(...others).map((rest) => [sure, ...rest]);
}
