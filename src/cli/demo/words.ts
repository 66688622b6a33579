import { minuteUtc } from '../../shared/time.ts';
import { table } from '../table.ts';
import type { DemoReport, QualifiedAccount } from './report.ts';

/** The outcome of the demo for a person. */
export function reportText(report: DemoReport): string {
  const { qualified, fellOut, heldBack, quarantined, parked, crm, slack, mail } = report;
  const handed = qualified.filter(({ leftAlone }) => leftAlone === null);
  const alone = qualified.filter(({ leftAlone }) => leftAlone !== null);
  return [
    '',
    `${report.requests} requests, ${report.events} events of ${report.accounts.length} accounts in 14 days; played in ${report.seconds} s`,
    '',
    `QUALIFIED: ${qualified.length} accounts, of which ${handed.length} were handed over`,
    ...handed.map(qualifiedText),
    '',
    'QUALIFIED, AND LEFT ALONE',
    ...alone.map((one) => `  ${one.name} (${one.key}): ${one.score} points; ${one.route}: ${one.leftAlone}`),
    '',
    'FELL OUT BY SILENCE',
    ...fellOut.map((one) => `  ${one.name}: ${one.score} points, ${one.tier} since ${one.on}`),
    '',
    'CLOSE, BUT NOT HANDED OVER',
    table(
      ['  account', 'score', 'why'],
      heldBack.map((one) => [`  ${one.name ?? one.key}`, one.score, one.why]),
    ),
    '',
    'NEEDS A PERSON',
    ...quarantined.map((one) => `  event in quarantine: ${one.code}: ${one.reason}`),
    ...parked.map((one) => `  ${one.crm} ${one.kind} of ${one.account} parked: ${one.code}: ${one.reason}`),
    '',
    `HubSpot     ${totals(crm.hubspot)}`,
    `Salesforce  ${totals(crm.salesforce)}`,
    `Slack       ${slack.messages} messages, the last conversation:`,
    indented(lastConversation(slack.text)),
    `Mail        ${mail.sent} digests, the last:`,
    indented(mail.last.split('\n').slice(0, MAIL_LINES).join('\n')),
  ].join('\n');
}

function qualifiedText(one: QualifiedAccount): string {
  const held = (name: string, crm: QualifiedAccount['hubspot']) =>
    crm === null
      ? `    ${name}: no record`
      : `    ${name}: score ${crm.score}, tier ${crm.tier}; in the campaign: ${crm.members.join(', ') || 'nobody'}; task: ${crm.tasks.join(' | ') || 'none'}`;
  return [
    `  ${one.name} (${one.key}): ${one.score} points`,
    `    ${one.why}`,
    `    goes to ${one.route}: ${one.owner ?? 'nobody yet'}, first contact by ${shown(one.due)} (${one.contact})`,
    ...one.task.map((line, i) => `    ${i === 0 ? 'task: ' : '      '}${line}`),
    held('HubSpot', one.hubspot),
    held('Salesforce', one.salesforce),
  ].join('\n');
}

/** Of a mail so much is printed; `--json` has all of it. */
const MAIL_LINES = 12;

function shown(due: string | null): string {
  return due === null ? 'no date' : minuteUtc(due);
}

/** Conversations are parted by empty lines. */
function lastConversation(text: string): string {
  return text.trim().split('\n\n').at(-1) ?? '';
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function totals(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
    .join(', ');
}
