import { ruleOf } from '../../src/decide/field-rule.ts';
import type { FieldSpec } from '../../src/decide/mapping.ts';
import type { Guard } from '../../src/sync/present.ts';

/** A field of a mapping, with only what matters overridden. */
export function fieldSpec(over: Partial<FieldSpec> = {}): FieldSpec {
  return {
    object: 'company',
    field: 'f',
    from: 'account.traits.t',
    type: 'text',
    write: 'always',
    unique: false,
    clear: false,
    ...over,
  };
}

/** What a change carries of fields whose present value decides: their rules, and what the CRM last took from us. */
export function guard(specs: Record<string, Partial<FieldSpec>>, wrote: Guard['wrote'] = {}): Guard {
  const rules = Object.entries(specs).map(([field, spec]) => [field, ruleOf(fieldSpec({ field, ...spec }))]);
  return { rules: Object.fromEntries(rules), wrote };
}
