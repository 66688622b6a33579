/** Signals of which one must have set a crossing off; null: whatever did. */
export type SetOffBy = ReadonlySet<string> | 'buying' | null;

export interface SetOff {
  /** Signals that set the crossing off. */
  triggers: readonly string[];
  isBuying: (signal: string) => boolean;
}

export function isSetOffBy(signals: SetOffBy, { triggers, isBuying }: SetOff): boolean {
  return (
    signals === null ||
    triggers.some((signal) => (signals === 'buying' ? isBuying(signal) : signals.has(signal)))
  );
}
