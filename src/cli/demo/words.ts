import { table } from '../table.ts';
import type { DemoReport, QualifiedAccount } from './report.ts';

/** The outcome of the demo for a person. */
export function reportText(report: DemoReport): string {
  const { qualified, fellOut, heldBack, quarantined, parked, crm, slack } = report;
  return [
    '',
    `${report.requests} requests, ${report.events} events of ${report.accounts.length} accounts in 14 days; played in ${report.seconds} s`,
    '',
    `QUALIFIED: ${qualified.length} accounts`,
    ...qualified.map(qualifiedText),
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
    lastConversation(slack.text),
  ].join('\n');
}

function qualifiedText(one: QualifiedAccount): string {
  const held = (name: string, crm: QualifiedAccount['hubspot']) =>
    crm === null
      ? `    ${name}: no record`
      : `    ${name}: score ${crm.score}, tier ${crm.tier}; in the campaign: ${crm.members.join(', ') || 'nobody'}; task: ${crm.tasks.join(' | ') || 'none'}`;
  return [
    `  ${one.name} (${one.key}): ${one.score} points; due ${one.due ?? ''}`,
    `    ${one.why}`,
    held('HubSpot', one.hubspot),
    held('Salesforce', one.salesforce),
  ].join('\n');
}

/** Conversations are parted by empty lines. */
function lastConversation(text: string): string {
  const last = text.trim().split('\n\n').at(-1) ?? '';
  return last
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function totals(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
    .join(', ');
}
