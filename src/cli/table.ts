import { shownOnLine } from '../shared/shown-text.ts';
import type { BudgetView } from '../sync/budget.ts';

/** Columns of text, each as wide as its widest cell. */
export function table(head: string[], rows: (string | number | null)[][]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => shownOnLine(String(cell ?? ''))))];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The day's calls of a CRM in one phrase. */
export function budgetInWords(budget: BudgetView | undefined): string {
  if (budget === undefined || budget.dailyRemaining === null) {
    return 'it has not said how many calls are left today';
  }
  const { dailyRemaining, dailyMax, reserved, ours, toldAt } = budget;
  const kept = reserved === 0 ? '' : `, ${ours} of them ours`;
  return `${dailyRemaining} of ${dailyMax} calls left today${kept} (as of ${toldAt})`;
}
