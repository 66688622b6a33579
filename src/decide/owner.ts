import { fromPool } from './handoff/from-pool.ts';
import { weight } from './handoff/pick.ts';
import {
  type ChosenOwner,
  emailOf,
  inWords,
  named,
  type Owner,
  type OwnerQuestion,
  type OwnerStep,
  obstacleTo,
  type StepChoice,
  UNABLE,
} from './owner-chain.ts';

export type { ChosenOwner, Held, Owner, OwnerQuestion, OwnerStep } from './owner-chain.ts';

/** `must`: the chain ends in a fallback, so a task without an owner is not what was asked for. */
export type OwnerChoice = { found: true; owner: ChosenOwner } | { found: false; why: string; must: boolean };

/** The chain as one reads it before anybody has asked the CRM who of them can take the task. */
export function ownersInWords(steps: readonly OwnerStep[]): string {
  return steps.length === 0 ? 'nobody' : steps.map(stepInWords).join(', else ');
}

function stepInWords(step: OwnerStep): string {
  switch (step.kind) {
    case 'account_owner':
      return 'the owner of the account';
    case 'people':
      return `${step.names.length === 1 ? '' : 'one of '}${step.names.join(', ')} (${step.why})`;
    case 'pool':
      return `one of the pool ${step.pool}${step.why === '' ? '' : ` (${step.why})`}`;
    default:
      return `${step.name} (fallback)`;
  }
}

/** The first of the chain who can take the task. Whoever was passed over is named in the reason. */
export function chooseOwner(question: OwnerQuestion): OwnerChoice {
  const passed: string[] = [];
  for (const step of question.steps) {
    const { chosen, passed: over } = ofStep(step, question);
    passed.push(...over);
    if (chosen !== null) {
      // Of a choice that was kept the reason may say it already.
      const more = passed.filter((one) => !chosen.why.includes(one));
      return { found: true, owner: { ...chosen, why: [chosen.why, ...more].join('; ') } };
    }
  }
  const why = passed.length === 0 ? 'the chain names nobody' : passed.join('; ');
  return { found: false, why, must: question.steps.some(({ kind }) => kind === 'fallback') };
}

function ofStep(step: OwnerStep, question: OwnerQuestion): StepChoice {
  switch (step.kind) {
    case 'account_owner':
      return accountOwner(question);
    case 'people':
      return ofPeople(step.names, step.why, question);
    case 'pool':
      return fromPool(step, question);
    default:
      return ofPeople([step.name], 'fallback', question);
  }
}

function accountOwner(question: OwnerQuestion): StepChoice {
  const { accountOwner: id, directory, refused } = question;
  const why = 'owner of the account';
  if (id === null) {
    return skip('the account has no owner');
  }
  if (directory === null) {
    return refused.has(id) ? skip(`the CRM refuses the ${why}`) : taken({ id, name: id, why });
  }
  const owner = directory.find((one) => one.id === id);
  if (owner?.ourselves) {
    return skip('the account belongs to the integration user');
  }
  const obstacle = obstacleTo(owner ?? null, question);
  return owner !== undefined && obstacle === null
    ? taken(given(owner, why, question))
    : skip(
        `the ${why}${owner === undefined ? '' : `, ${owner.label},`} is ${obstacle === UNABLE ? 'inactive' : obstacle}`,
      );
}

function ofPeople(names: readonly string[], why: string, question: OwnerQuestion): StepChoice {
  const { directory, account } = question;
  if (directory === null) {
    return skip('the owners of the CRM cannot be read');
  }
  const found = names.map((name) => {
    const owner = named(directory, name, question.refused);
    return { name, owner, obstacle: obstacleTo(owner, question) };
  });
  const able = found.flatMap(({ owner, obstacle }) => (owner !== null && obstacle === null ? [owner] : []));
  const place = ({ names: [first], id }: Owner) => weight(account, first ?? id);
  const [first] = able.sort((a, b) => place(b) - place(a) || (a.id < b.id ? -1 : 1));
  const passed = inWords(found.map(({ name, obstacle }) => [name, obstacle]));
  return { passed, chosen: first === undefined ? null : given(first, why, question) };
}

function given(owner: Owner, why: string, { team }: OwnerQuestion): ChosenOwner {
  const person = emailOf(owner, team);
  return { id: owner.id, name: owner.label, why, ...(person === null ? {} : { person }) };
}

function skip(why: string): StepChoice {
  return { passed: [why], chosen: null };
}

function taken(chosen: ChosenOwner): StepChoice {
  return { passed: [], chosen };
}
