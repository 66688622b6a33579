/** What is scored again: whose score stopped holding, everybody, or the account of a key. */
export type Recomputed = 'due' | 'all' | { account: string };
