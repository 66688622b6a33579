import { builtIn, type Definition, defined, type ObjectName } from './definitions.ts';
import { HubspotError, validation } from './errors.ts';

export interface Group {
  name: string;
  label: string;
  displayOrder: number;
}

interface Saved {
  definitions: Definition[];
  groups: Group[];
}

/** The properties and property groups of one object: HubSpot's own, and those made through the API. */
export class ObjectSchema {
  readonly definitions: Map<string, Definition>;
  readonly groups: Map<string, Group>;
  private readonly object: ObjectName;

  constructor(object: ObjectName) {
    this.object = object;
    this.definitions = new Map(builtIn(object).map((one) => [one.name, one]));
    const group = { name: `${object}information`, label: object, displayOrder: -1 };
    this.groups = new Map([[group.name, group]]);
  }

  define(body: unknown, now: number): Definition {
    const definition = defined(body, [...this.definitions.values()], [...this.groups.keys()], now);
    this.definitions.set(definition.name, definition);
    return definition;
  }

  /** Label and options may change later; a type only within its kind, and uniqueness never. */
  change(name: string, body: unknown): Definition {
    const known = this.definitions.get(name);
    const { label, options } = (body ?? {}) as Partial<Definition>;
    if (known === undefined || known.modificationMetadata.readOnlyDefinition) {
      throw validation(`property ${name} cannot be changed`);
    }
    const changed = { ...known, label: label ?? known.label, options: options ?? known.options };
    this.definitions.set(name, changed);
    return changed;
  }

  addGroup(body: unknown): Group {
    const { name, label, displayOrder } = (body ?? {}) as Partial<Group>;
    if (!name || !label) {
      throw validation('Invalid input JSON: name and label are required');
    }
    if (this.groups.has(name)) {
      throw new HubspotError(
        409,
        'OBJECT_ALREADY_EXISTS',
        `A property group named '${name}' already exists.`,
      );
    }
    const group = { name, label, displayOrder: displayOrder ?? -1 };
    this.groups.set(name, group);
    return group;
  }

  /** Forward is where the portal's order of options leads. */
  stageOrder(value: string): number | undefined {
    const options = this.definitions.get('lifecyclestage')?.options ?? [];
    return options.find((option) => option.value === value)?.displayOrder;
  }

  save(): Saved {
    return {
      definitions: [...this.definitions.values()].filter(({ hubspotDefined }) => !hubspotDefined),
      groups: [...this.groups.values()].filter(({ name }) => name !== `${this.object}information`),
    };
  }

  load(saved: Saved): void {
    for (const definition of saved.definitions) {
      this.definitions.set(definition.name, definition);
    }
    for (const group of saved.groups) {
      this.groups.set(group.name, group);
    }
  }
}
