import { z } from 'zod';
import { condition } from './condition.ts';
import { rule } from './rule.ts';
import { age, amount, days, id, length, number, percent, why } from './units.ts';

const group = z
  .strictObject({
    weight: percent.optional().meta({
      description:
        'Its share under `normalised` and `multiplier` weighting, where every group needs one; together they make 100 %.',
    }),
    full: amount.optional().meta({
      description:
        'Under `normalised`: the points at which the group counts as 100. Without it: the most that its rules can give to one account, after the cap of the group.',
    }),
    cap: amount.optional().meta({ description: 'The most that the group can give.' }),
    floor: amount
      .optional()
      .meta({ description: 'The least that the group can give, also when nothing was earned.' }),
  })
  .meta({ description: 'One group of rules.' });

const segment = z
  .strictObject({
    id,
    when: condition.optional(),
    tiers: z.record(id, number).optional().meta({ description: 'Other `from` of tiers for these accounts.' }),
    model: id.optional().meta({
      description:
        'Another model file that scores these accounts, whole: its rules, groups, gates, modifiers, bounds and thresholds instead of these. It has the same tiers. Its own segments are not asked: `only` in it means the segments of this file.',
    }),
  })
  .meta({
    description: 'The first segment whose condition is true is the account’s; the last has no condition.',
  });

const milestone = z
  .strictObject({
    id,
    why,
    when: condition,
    points: amount.optional().meta({ description: 'What reaching it adds, 0 or more; 1 point unless said.' }),
  })
  .meta({
    description:
      'Lowest first. The highest milestone whose condition is true is reached, and with it all lower ones, also those that were skipped (X-27). Their points make the group `milestones`, which `groups` names only to give it a weight, cap or floor.',
  });

const gateHead = {
  id,
  why: why.meta({ description: 'What the gate asks for, in a few words.' }),
  kind: z.enum(['usage', 'fit', 'suppression']).default('usage').meta({
    description:
      'Which overrides pass over it. usage: those of kind buying and hand_raiser. fit: those that say bypass_fit (hand_raiser does unless it says no). suppression: none.',
  }),
  when_unknown: z
    .enum(['fail', 'pass'])
    .default('fail')
    .meta({ description: 'What a condition that is unknown means.' }),
  otherwise: z.literal('zero').optional().meta({
    description:
      'When it fails, the number becomes 0 after all modifiers, and the score says so (S4-53, S4-155), whatever overrides do. `clamp` must let 0 through.',
  }),
  flag: id.optional().meta({
    description: 'A flag that the score carries while the gate fails, e.g. self_serve_only (S1-98).',
  }),
};

/** A condition beside the points. It can hold tiers back; it changes the number only by `otherwise: zero`. */
const gate = z.union([
  z.strictObject({ ...gateHead, when: condition }).meta({ title: 'a condition' }),
  z
    .strictObject({
      ...gateHead,
      any_of: z.array(id).min(1, { error: 'at least one signal' }),
      within: age,
    })
    .meta({ title: 'recent', description: 'The newest of these signals lies in the window.' }),
  z.strictObject({ ...gateHead, minimum_points: z.record(id, number) }).meta({
    title: 'points of groups',
    description: 'Each group has at least so many points, after its cap and floor and before its weight.',
  }),
]);

const override = z
  .strictObject({
    id,
    why,
    kind: z.enum(['hand_raiser', 'buying', 'combination']).meta({
      description:
        'combination: waives the points of the tier, no gate. buying (limit hit, paid feature, upgrade page): also waives its usage gates. hand_raiser: also its fit gates, unless bypass_fit is false.',
    }),
    when: condition,
    tier: id.meta({
      description:
        'The account has at least this tier while the condition is true and every gate of the tier passes that is not waived. If one does not, it lifts to no lower tier instead.',
    }),
    bypass_fit: z.boolean().optional().meta({
      description:
        'Whether it waives fit gates of the tier. Unless said: hand_raiser yes, buying no. A combination never does.',
    }),
  })
  .meta({
    description: 'Lifts an account to a tier whatever its points. It never changes the number (X-23, X-34).',
  });

const lastOf = {
  id,
  why: why.optional(),
  last: z
    .union([id, z.array(id).min(1)])
    .default('activity')
    .meta({
      description: 'The newest occurrence of any of these counts, by anybody; `activity` unless said.',
    }),
};
const floor = amount.default('0').meta({
  description:
    'It takes nothing away below this; a number that is below already stays. 0 points unless said.',
});

const FACTOR = { error: 'a number from 0 to 10' };
const factor = number.min(0, FACTOR).max(10, FACTOR);

const modifier = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        ...lastOf,
        kind: z.literal('multiplier'),
        steps: z.array(z.strictObject({ within: age, times: factor })).min(1),
        otherwise: factor,
      })
      .meta({
        title: 'recency multiplier',
        description:
          'The first step whose window holds the newest occurrence; else `otherwise`, also when there is none (S4-66).',
      }),
    z.strictObject({ ...lastOf, kind: z.literal('weekly'), minus: amount, after: days, floor }).meta({
      title: 'points per week',
      description:
        'Silence is the number of UTC days since the day of the newest occurrence. Takes `minus` away for every full week of it beyond `after` days (S1-73).',
    }),
    z
      .strictObject({
        ...lastOf,
        kind: z.literal('steps'),
        steps: z.array(z.strictObject({ after: days, minus: amount })).min(1),
        floor,
      })
      .meta({
        title: 'points in steps',
        description:
          'Silence as above. Takes away the `minus` of the last step whose `after` days are reached, and only that.',
      }),
    z
      .strictObject({
        ...lastOf,
        kind: z.literal('half_life'),
        half_every: length,
        after: days.default(0),
        floor,
      })
      .meta({
        title: 'half-life',
        description:
          'Halves the number every so many days of silence beyond `after` days, day by day: times 0.5 ^ (days / half_every). A number below zero stays.',
      }),
  ])
  .meta({
    description:
      'Changes the number after the groups are added, in the order of the file; each result is rounded half up to six decimals. While nothing of `last` has happened, nothing is taken away, and a multiplier is its `otherwise`.',
  });

const tier = z
  .strictObject({
    id,
    from: number.meta({
      description:
        'The number (value, not raw) from which it holds, up to where the next one begins (half-open).',
    }),
    keep_from: number
      .optional()
      .meta({ description: 'Once held, it is kept down to this many points (hysteresis).' }),
    cool_off: days
      .optional()
      .meta({ description: 'A fall out of it takes effect after so many days below (24 hours each).' }),
    requires: z.array(id).default([]).meta({
      description:
        'Gates that must pass. When one fails, the account has the highest lower tier that is open to it.',
    }),
    acts: z
      .literal(true)
      .optional()
      .meta({ description: 'An entry from below acts: a task and a campaign membership, once (I6).' }),
    rearm: days.optional().meta({ description: 'How long after its last crossing an entry acts again.' }),
    rise: number.positive({ error: 'a number above 0' }).optional().meta({
      description:
        'An account that stays in it acts again when it has so many points more than at its last crossing, after the days of `rearm`. Without it only an entry from below acts.',
    }),
  })
  .meta({ description: 'Lowest first. The first one is for everybody.' });

/** The shape of `mappings/models/*.yaml`. */
export const modelSchema = z
  .strictObject({
    model: id.meta({ description: 'The name of the file without .yaml.' }),
    title: z.string({ error: 'a title' }).min(1),
    calibrated: z.iso.date({ error: 'the day of the backtest, such as "2026-03-02"' }).optional().meta({
      description: 'The day on which weights and thresholds were last held against outcomes (X-20).',
    }),
    weights: z
      .record(z.string().regex(/^[a-z][a-z_]{0,30}$/, { error: 'a lower-case word' }), amount)
      .default({})
      .meta({ description: 'Words that rules may use instead of points: low, medium, high … (S2-133).' }),
    weighting: z.enum(['raw', 'normalised', 'multiplier']).meta({
      description:
        'How groups add up (X-1). raw: the plain sum. multiplier: each group times its weight. normalised: each group as a share of its `full` points (at least none, at most all), times its weight, out of 100. What a group gives is rounded half up to six decimals.',
    }),
    groups: z
      .union([z.array(id).min(1, { error: 'at least one group' }), z.record(id, group)])
      .meta({ description: 'Ids, or ids with what is special about them.' }),
    segments: z.array(segment).default([]),
    rules: z.array(rule).default([]),
    milestones: z.array(milestone).default([]),
    gates: z.array(gate).default([]),
    overrides: z.array(override).default([]),
    modifiers: z.array(modifier).default([]),
    clamp: z
      .tuple([number, number.nullable()], { error: 'two numbers: [0, 100]; null for no end' })
      .default([0, null])
      .meta({
        description:
          'The number never leaves these bounds, which have no more decimals than `round` keeps; [0, null] unless said (X-44).',
      }),
    round: z.int({ error: 'decimals from 0 to 6' }).min(0).max(6).default(6).meta({
      description: 'Decimals of the number; halves are rounded up (-0.5 to 0). Done last; 6 unless said.',
    }),
    tiers: z.array(tier).min(1, { error: 'at least one tier' }),
  })
  .meta({
    title: 'A scoring model',
    description:
      'Computed in this order: the segment; points of rules, top down, and of milestones, whose sum is `raw`; caps and floors of groups; weights; modifiers; gates that make the number zero; clamp; round; the tier; overrides. What is dated after now does not count yet. Names of rules and gates refer to what stands above in the file.',
  });

export type ModelConfig = z.output<typeof modelSchema>;
export type GroupConfig = z.output<typeof group>;
export type SegmentConfig = ModelConfig['segments'][number];
export type MilestoneConfig = ModelConfig['milestones'][number];
export type GateConfig = ModelConfig['gates'][number];
export type OverrideConfig = ModelConfig['overrides'][number];
export type ModifierConfig = ModelConfig['modifiers'][number];
export type TierConfig = ModelConfig['tiers'][number];
