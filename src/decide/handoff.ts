import { z } from 'zod';
import { type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';

const hours = z
  .string({ error: 'hours with their unit: "24 hours"' })
  .regex(/^\d{1,4} hours?$/, { error: '"24 hours"' })
  .transform((text) => Number(text.split(' ')[0]));

const schema = z.strictObject({
  plays: z
    .array(
      z.strictObject({
        tier: z.string(),
        route: z.string(),
        due: hours,
        /** When the crossing's trigger was a buying signal. */
        due_when_buying: hours,
        template: z.string(),
        members: z.strictObject({
          active_within_days: z.number().int().positive(),
          at_most: z.number().int().positive(),
        }),
      }),
    )
    .min(1),
});

export interface Handoff {
  plays: z.output<typeof schema>['plays'];
}
export type Play = Handoff['plays'][number];

/**
 * `mappings/handoff.yaml` as text -> plays, or every problem with its line.
 *
 * @param tiers acting tiers of the champion; null: the model is broken itself, and which it has nobody can say
 */
export function readHandoff(
  file: string,
  text: string,
  tiers: readonly string[] | null,
  templates: readonly string[],
): Result<Handoff, ConfigProblem[]> {
  return checked(readConfig(file, text, schema), ({ value, unknownName }) => {
    const problems = value.plays.flatMap((play, i) => [
      ...(tiers === null
        ? []
        : unknownName(['plays', i, 'tier'], play.tier, tiers, 'an acting tier of the champion')),
      ...unknownName(['plays', i, 'template'], play.template, templates, 'a file of templates/'),
    ]);
    return problems.length > 0 ? err(problems) : ok(value);
  });
}
