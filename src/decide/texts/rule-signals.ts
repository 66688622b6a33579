import type { SignalInfo } from '../../accounts/signal.ts';
import type { Condition, Model, Subject } from '../../score/model.ts';

/** What the line of a rule or milestone is about. */
export interface About {
  /** Signals that it looks at. */
  signals: readonly SignalInfo[];
  /** It looks at traits alone: it tells of the company, and of nothing that anybody did. */
  company: boolean;
}

/** What each rule or milestone of a model, or of its model for the segment, is about, by its id. */
export function aboutOf(model: Model, segment: string | undefined): Map<string, About> {
  const { rules, milestones } = model.segments.find(({ id }) => id === segment)?.model ?? model;
  const subjects = [
    ...rules.map(
      ({ id, looks }) =>
        [id, looks.at === 'subject' ? [looks.subject] : subjectsOf(looks.condition)] as const,
    ),
    ...milestones.map(({ id, condition }) => [id, subjectsOf(condition)] as const),
  ];
  return new Map(
    subjects.map(
      ([id, of]) => [id, { signals: of.flatMap(signalsOf), company: of.every(isOfCompany) }] as const,
    ),
  );
}

/** What must not be is nothing that somebody did. */
function subjectsOf(condition: Condition): Subject[] {
  switch (condition.kind) {
    case 'atom':
      return [condition.subject];
    case 'not':
      return [];
    default:
      return condition.of.flatMap(subjectsOf);
  }
}

function signalsOf(subject: Subject): readonly SignalInfo[] {
  return subject.kind === 'signal' ? [subject.signal] : subject.kind === 'last' ? subject.signals : [];
}

function isOfCompany({ kind }: Subject): boolean {
  return kind === 'trait' || kind === 'entries' || kind === 'date';
}

/** Whether what is said of `signal` also says that `id` was given. */
export function isAbout({ id: own, source }: SignalInfo, id: string): boolean {
  return (
    own === id ||
    ((source.kind === 'any_of' || source.kind === 'some_of') &&
      source.signals.some((one) => isAbout(one, id)))
  );
}
