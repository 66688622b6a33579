import { z } from 'zod';
import { type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { hours } from '../shared/units.ts';

const whole = z.number().int().positive();

/** The shape of `mappings/handoff.yaml`. */
export const handoffSchema = z.strictObject({
  plays: z
    .array(
      z.strictObject({
        tier: z
          .string()
          .describe(
            'An acting tier of the champion, or `any`: every acting tier that has no play of its own.',
          ),
        route: z.string().describe('Who gets the account, such as SDR.'),
        due: hours('The deadline of the task, counted from the crossing'),
        due_when_buying: hours(
          'The deadline when a buying signal set the crossing off; of both deadlines the shorter counts',
        ),
        template: z.string().describe('The text of the task: the name of a file of templates/.'),
        members: z
          .strictObject({
            active_within_days: whole.describe('Only people who were active in so many last days.'),
            at_most: whole.describe('So many people, the most recently active first.'),
          })
          .describe('Who of the account joins the campaign.'),
        when_open: z
          .enum(['note', 'another_task'])
          .default('note')
          .describe(
            'What a new crossing does while an earlier task of the account and this play is open. note: adds a line to that task. another_task: makes another.',
          ),
        when_cooled: z
          .enum(['note', 'close', 'nothing'])
          .default('note')
          .describe(
            'What happens to an open task when the account falls out of the acting tier. A purchase and a suppression always close it.',
          ),
      }),
    )
    .min(1, { error: 'at least one play' })
    .describe('What happens when an account crosses into an acting tier.'),
});

export interface Handoff {
  plays: z.output<typeof handoffSchema>['plays'];
}
export type Play = Handoff['plays'][number];

/** Stands for every acting tier without a play of its own, so that another champion needs no other plays. */
const ANY_TIER = 'any';

/** What is done about a crossing into a tier; undefined: nothing. */
export function playOf({ plays }: Handoff, tier: string): Play | undefined {
  return plays.find((play) => play.tier === tier) ?? plays.find((play) => play.tier === ANY_TIER);
}

/**
 * `mappings/handoff.yaml` as text -> plays, or every problem with its line.
 *
 * @param tiers acting tiers of the champion; null: the model is broken itself, and which it has nobody can say
 * @param others acting tiers of the other models of the folder, which may become champion and keep their plays
 */
export function readHandoff(
  file: string,
  text: string,
  tiers: readonly string[] | null,
  templates: readonly string[],
  others: readonly string[] = [],
): Result<Handoff, ConfigProblem[]> {
  return checked(readConfig(file, text, handoffSchema), ({ value, unknownName, problem, whole }) => {
    const named = [...new Set([...(tiers ?? []), ...others])];
    const problems = value.plays.flatMap((play, i) => [
      ...(tiers === null || play.tier === ANY_TIER
        ? []
        : unknownName(['plays', i, 'tier'], play.tier, named, 'an acting tier of a model, or any')),
      ...unknownName(['plays', i, 'template'], play.template, templates, 'a file of templates/'),
    ]);
    // A crossing without a play would be used up, and nobody would hear of it.
    const silent = (tiers ?? []).filter((tier) => whole(['plays']) && playOf(value, tier) === undefined);
    const missing = silent.map((tier) =>
      problem(['plays'], `no play for ${tier}`, `a play of tier ${tier}, or any`),
    );
    const all = [...problems, ...missing];
    return all.length > 0 ? err(all) : ok(value);
  });
}
