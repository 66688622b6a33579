import type { Story } from './story.ts';

/** One person of a story as the product knows them. */
export interface Cast {
  id: string;
  /** Of their browser: Segment's anonymous id and Amplitude's device id. */
  deviceId: string;
  firstName: string;
  name: string;
  title: string;
  department: string | null;
  email: string;
  mailDomain: string;
}

/** The people of a story by first name, in the order in which it lists them. */
export function castOf({ key, domain, people }: Story): Map<string, Cast> {
  return new Map(
    people.map((line) => personOf(line, key, domain)).map((person) => [person.firstName, person]),
  );
}

function personOf(line: string, account: string, mailDomain: string): Cast {
  const [name = '', title = '', department = ''] = line.split('|').map((part) => part.trim());
  const [firstName = name] = name.split(' ');
  const plain = name.toLowerCase().replaceAll(' ', '.');
  const [company = ''] = mailDomain.split('.');
  // A personal account's key is `person:<user id>`.
  const personal = /^person:(.+)$/.exec(account)?.[1];
  const id = personal ?? `${company}-${firstName.toLowerCase()}`;
  return {
    id,
    deviceId: `device-${id}`,
    firstName,
    name,
    title,
    department: department === '' ? null : department,
    email: `${plain}@${mailDomain}`,
    mailDomain,
  };
}
