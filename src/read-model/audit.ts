/** One line of the audit: who decided what, when and why. Instants are ISO 8601. */
export interface AuditRow {
  id: number;
  at: string;
  what: string;
  /** Key of the account that it is about. */
  account: string | null;
  /** null: nobody decided it, it followed from events or from a CRM. */
  author: string | null;
  reason: string | null;
  detail: Record<string, unknown>;
}

export interface AuditFilter {
  /** ISO 8601; null: from the beginning. */
  since: string | null;
  /** Words that `what` holds; null: all. */
  what: string | null;
  account: string | null;
  /** true: only what somebody decided. */
  decided: boolean;
  limit: number;
}
