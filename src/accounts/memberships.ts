import type { ProductEvent } from '../events/event.ts';
import type { AccountRules } from './account-rules.ts';
import { byTime } from './identity.ts';

/** Slot of events whose account nothing has named: they go to the mail domain's account, or to a personal one. */
export const FALLBACK = '';

/** Slot of events after the person was removed from every account: they stand alone, whatever the mail domain. No id is blank. */
export const ALONE = ' ';

/** What must be remembered to place the next event without rereading the journal. */
export interface Facts {
  /** The newest event that began or ended a membership. */
  lastChange: { at: number; id: string } | null;
  /** Slot of an event that names no account and comes after all changes. */
  current: string;
  /** Time of the newest event that neither began nor ended a membership. */
  lastGroupless: number | null;
  /** Accounts that the person was removed from and is not back in, sorted; null: never removed from any. */
  left: string[] | null;
}

export function noFacts(): Facts {
  return { lastChange: null, current: FALLBACK, lastGroupless: null, left: null };
}

/** What an event says about memberships. */
export interface Step {
  at: number;
  id: string;
  accountId: string | null;
  /** It ends the membership that it names, or all. */
  removes: boolean;
  /** No event but what became of some that had no account: the slot where they stay until an account takes them. */
  home?: string;
}

export function stepOf(rules: AccountRules, event: ProductEvent): Step {
  const { at, id, accountId } = event;
  return { at, id, accountId, removes: rules.removes(event) };
}

/**
 * Gives each of a person's events its slot: the account it names, else the one of the membership in force at its
 * time, else the first declared after it, else none (decision 8). `sorted`: all events of the person, by time. `changes`:
 * the steps that suffice to place others among them.
 */
export function placeSteps(
  rules: AccountRules,
  sorted: readonly Step[],
): { slots: string[]; facts: Facts; changes: Step[] } {
  const walk = new Walk(rules);
  for (const instant of byInstant(sorted)) {
    // What is declared at the very instant of an event is in force for it, whatever their ids.
    for (const { step, index } of [...instant.filter(isChange), ...instant.filter((one) => !isChange(one))]) {
      walk.take(step, index);
    }
  }
  return walk.done();
}

interface Numbered {
  step: Step;
  index: number;
}

function isChange({ step: { accountId, removes } }: Numbered): boolean {
  return accountId !== null || removes;
}

function byInstant(sorted: readonly Step[]): Numbered[][] {
  const instants: Numbered[][] = [];
  for (const [index, step] of sorted.entries()) {
    const last = instants.at(-1);
    if (last?.[0]?.step.at === step.at) {
      last.push({ step, index });
    } else {
      instants.push([{ step, index }]);
    }
  }
  return instants;
}

/** Goes through a person's events in order, keeping which memberships are in force. */
class Walk {
  readonly #rules: AccountRules;
  readonly #slots: string[] = [];
  readonly #facts = noFacts();
  /** In the order in which the rule looks at them: by the first declaration, or by the last. */
  readonly #inForce = new Set<string>();
  readonly #left = new Set<string>();
  /** Of the steps that name an account or end a membership: the first and the last of each run that changed nothing. */
  readonly #changes = new Set<Step>();
  /** All of them at the newest instant: what comes at it later may stand between them. */
  #newest: Step[] = [];
  #current = FALLBACK;
  /** Events without an account so far: the next one that is declared takes them. */
  #homeless: number[] = [];

  constructor(rules: AccountRules) {
    this.#rules = rules;
  }

  take(step: Step, index: number): void {
    const { accountId, removes, home } = step;
    if (home !== undefined) {
      this.#takeHome(home, index);
      return;
    }
    const before = isChange({ step, index }) ? this.#inWords() : null;
    this.#slots[index] = accountId ?? this.#current;
    if (accountId !== null && !removes) {
      this.#declare(accountId);
    } else if (accountId === null && this.#inForce.size === 0) {
      this.#homeless.push(index);
    }
    if (removes) {
      this.#remove(accountId);
    }
    if (before !== null) {
      if (before !== this.#inWords()) {
        this.#keep([...this.#newest, step]);
      }
      this.#newest = this.#newest[0]?.at === step.at ? this.#newest : [];
      this.#newest.push(step);
    }
    this.#remember(step);
  }

  #takeHome(home: string, index: number): void {
    this.#slots[index] = this.#inForce.size > 0 ? this.#current : home;
    if (this.#inForce.size === 0) {
      this.#homeless.push(index);
    }
  }

  #keep(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#changes.add(step);
    }
  }

  done(): { slots: string[]; facts: Facts; changes: Step[] } {
    this.#keep(this.#newest);
    return { slots: this.#slots, facts: this.#facts, changes: [...this.#changes] };
  }

  #inWords(): string {
    return JSON.stringify([[...this.#inForce], [...this.#left], this.#current]);
  }

  #declare(account: string): void {
    if (this.#rules.severalAccounts === 'most recently declared') {
      this.#inForce.delete(account);
    }
    this.#inForce.add(account);
    this.#current =
      this.#rules.severalAccounts === 'most recently declared' ? account : (this.#first() ?? account);
    this.#left.delete(account);
    this.#left.delete(FALLBACK);
    for (const index of this.#homeless) {
      this.#slots[index] = account;
    }
    this.#homeless = [];
  }

  /** `account` null: the removal names none and ends every membership, also the one that only the mail domain made. */
  #remove(account: string | null): void {
    const ended = account !== null ? [account] : this.#inForce.size > 0 ? [...this.#inForce] : [FALLBACK];
    for (const one of ended) {
      this.#inForce.delete(one);
      this.#left.add(one);
    }
    const chosen =
      this.#rules.severalAccounts === 'first declared' ? this.#first() : [...this.#inForce].at(-1);
    this.#current = chosen ?? ALONE;
  }

  #first(): string | undefined {
    return this.#inForce.values().next().value;
  }

  #remember({ at, id, accountId, removes }: Step): void {
    if (accountId === null && !removes) {
      this.#facts.lastGroupless = at;
    } else {
      this.#facts.lastChange = { at, id };
    }
    this.#facts.current = this.#current;
    const left = removes || this.#facts.left !== null;
    this.#facts.left = left ? [...this.#left].sort() : null;
  }
}

/** Takes note of an event that comes in order. Only for events that `isInOrder` let pass. */
export function appendFacts(rules: AccountRules, facts: Facts, event: ProductEvent): void {
  const { at, id, accountId } = event;
  if (accountId === null) {
    facts.lastGroupless = Math.max(facts.lastGroupless ?? at, at);
    return;
  }
  const isNewest = facts.lastChange === null || byTime(facts.lastChange, event) < 0;
  const keeps = rules.severalAccounts === 'first declared' && isAccount(facts.current);
  if (isNewest) {
    facts.lastChange = { at, id };
    facts.current = keeps ? facts.current : accountId;
  }
  facts.left = facts.left?.filter((one) => one !== accountId && one !== FALLBACK) ?? null;
}

/** Whether a new event changes the slot of no older one, and its own slot can be told from the facts. */
export function isInOrder(
  rules: AccountRules,
  facts: Facts,
  event: ProductEvent,
  onlyAccount: boolean,
): boolean {
  if (rules.removes(event)) {
    return false;
  }
  if (onlyAccount && facts.left === null) {
    return true;
  }
  const { lastChange, lastGroupless } = facts;
  if (event.accountId === null) {
    return lastChange === null || event.at >= lastChange.at;
  }
  const isLate = lastChange !== null && byTime(event, lastChange) < 0;
  if (isLate) {
    return (
      lastGroupless === null && facts.left === null && rules.severalAccounts === 'most recently declared'
    );
  }
  return lastGroupless === null || lastGroupless < event.at || takesNothing(rules, facts, event.accountId);
}

/** The newest declaration leaves later events where they are: none had an account, or theirs stays the chosen one. */
function takesNothing(rules: AccountRules, { current }: Facts, account: string): boolean {
  return !isAccount(current) || current === account || rules.severalAccounts === 'first declared';
}

export function isAccount(slot: string): boolean {
  return slot !== FALLBACK && slot !== ALONE;
}
