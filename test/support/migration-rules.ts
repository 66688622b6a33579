/**
 * What a migration may not do while processes of the version before it still run: their statements name what is there now, and
 * leave out what they do not know.
 */
const HARMFUL: [RegExp, string][] = [
  [/\bDROP\s+(COLUMN|TABLE|VIEW|MATERIALIZED|FUNCTION|PROCEDURE|SCHEMA|TYPE)\b/i, 'drops what they use'],
  // COLUMN is a noise word, and what else can be dropped of a table or column is named by its own word.
  [
    /\bALTER\s+TABLE\b[\s\S]*\bDROP\s+(?!COLUMN\b|CONSTRAINT\b|NOT\b|DEFAULT\b|EXPRESSION\b|IDENTITY\b)\w/i,
    'drops what they use',
  ],
  [/\bRENAME\b/i, 'renames what they use'],
  [/\bALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b/i, 'changes a type that they use'],
  [/\bALTER\s+TYPE\b/i, 'changes a type that they use'],
  [/\bSET\s+NOT\s+NULL\b/i, 'refuses rows that they write'],
  [/\bDROP\s+DEFAULT\b/i, 'refuses rows that they write'],
  [/\bADD\s+(CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY|EXCLUDE)\b/i, 'may refuse rows that they write'],
  [/\bCREATE\s+UNIQUE\s+INDEX\b/i, 'may refuse rows that they write'],
];

/** `-- safe: <reason>`, in the statement, before it or behind it. */
const SAFE = '\u0001';

/** What is wrong with a migration, a line each. */
export function migrationProblems(name: string, sql: string): string[] {
  return statementsOf(sql)
    .filter((statement) => !statement.includes(SAFE))
    .flatMap((statement) =>
      whyHarmful(statement).map(
        (why) =>
          `${name} ${why}, while the version before it still runs: "${shown(statement)}". Add, and remove a version later; or say -- safe: <reason>`,
      ),
    );
}

function whyHarmful(statement: string): string[] {
  const found = HARMFUL.filter(([pattern]) => pattern.test(statement)).map(([, why]) => why);
  const needed = addedColumns(statement).some(
    (column) => /\bNOT\s+NULL\b/i.test(column) && !/\bDEFAULT\b|\bGENERATED\b/i.test(column),
  );
  return [...new Set([...found, ...(needed ? ['adds a column that they do not fill'] : [])])];
}

/** Of a table that is there: each `ADD COLUMN` up to the next action. A new table may have what it likes. */
function addedColumns(statement: string): string[] {
  return /^\s*ALTER\b/i.test(statement) ? statement.split(/\bADD\s+(?:COLUMN\s+)?/i).slice(1) : [];
}

/** Statements without texts, bodies of functions and comments, but with the marks of those that are safe. */
function statementsOf(sql: string): string[] {
  return sql
    .replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .replaceAll(/'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, (part) =>
      part.startsWith("'") ? "''" : /^--\s*safe:\s*\S/.test(part) ? SAFE : '',
    )
    .replaceAll(new RegExp(`;([ \\t]*${SAFE})`, 'g'), '$1;')
    .split(';')
    .filter((statement) => statement.trim() !== '');
}

function shown(statement: string): string {
  return statement.replaceAll(/\s+/g, ' ').trim().slice(0, 80);
}
