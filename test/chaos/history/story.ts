import { pick, whole } from '../../../src/sandbox/traffic/random.ts';
import type { Message } from './messages.ts';
import { HOUR, Teller, type Who } from './teller.ts';

const DEPARTMENTS = ['Engineering', 'Sales', 'Finance'] as const;
/** What one account's people are and do. */
export class Story extends Teller {
  tell(): void {
    const { all, random, key, name, domain } = this;
    all.companies.set(key, { name, domain });
    if (random() < 0.5) {
      all.standing.companies.push({ name, domain });
    }
    const early = Array.from({ length: whole(random, 1, 3) }, (_, i) => this.person(i, true));
    const late = Array.from({ length: whole(random, 0, 2) }, (_, i) => this.person(early.length + i, false));
    const [main] = early;
    if (main === undefined) {
      return;
    }
    for (const who of early) {
      this.meet(who, 'first');
    }
    for (const who of late) {
      this.meet(who, 'some');
    }
    this.deeds(main, [...early, ...late]);
  }

  private deeds(main: Who, everybody: readonly Who[]): void {
    const { random } = this;
    const anybody = () => everybody[whole(random, 0, everybody.length - 1)] ?? main;
    for (let n = whole(random, 2, 12); n > 0; n--) {
      this.did(anybody(), 'Key Feature Used', { feature: `f-${whole(random, 1, 4)}` }, this.daysAgo(1, 5));
    }
    switch (this.kind) {
      case 'hot':
        this.qualify(main, anybody);
        break;
      case 'warm':
        this.change(main);
        break;
      case 'mail':
        this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(2, 20));
        this.invite(anybody(), whole(random, 0, 6));
        break;
      case 'late':
        this.company(main, this.fit(1), this.daysAgo(2, 4), 'some');
        this.did(main, 'API Integration Created', {}, this.daysAgo(5, 40), null);
        break;
      case 'old':
        this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(100, 120));
        this.did(main, 'Limit Breach Attempted', { limit: 'seats' }, this.daysAgo(100, 120));
    }
  }

  /** Below 85 points without the breach of a limit (25 points), at least 85 with it. */
  private qualify(main: Who, anybody: () => Who): void {
    const { random } = this;
    const way = whole(random, 1, 4);
    this.company(main, this.fit(way === 4 ? 3 : way === 2 ? 2 : 1), this.daysAgo(10, 30), 'first');
    if (way !== 2) {
      this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(2, 40));
    }
    if (way === 2 || way === 3) {
      this.did(anybody(), 'API Integration Created', {}, this.daysAgo(2, 40));
    }
    if (way <= 2) {
      this.invite(anybody(), way === 1 ? 3 : 6);
    }
    if (random() < 0.85) {
      for (let n = whole(random, 1, 4); n > 0; n--) {
        this.did(main, 'Limit Breach Attempted', { limit: 'seats' }, this.daysAgo(1, 5), this.key, 'last');
      }
    }
  }

  /** The company's facts change, and arrive in any order: the latest by its own time counts. At most 80 points. */
  private change(main: Who): void {
    for (const employees of [50, 240, 900, '101-500', 'many'].slice(0, whole(this.random, 1, 5))) {
      const industry = pick(this.random, ['Software', 'Paper', 'healthcare']);
      const tools = ['Slack', 'Jira', 'slack', 'Figma', 'Notion', 'Linear'].slice(
        0,
        whole(this.random, 0, 6),
      );
      this.company(main, { employees, industry, tech_stack: tools }, this.daysAgo(1, 80), 'some');
    }
    if (this.random() < 0.7) {
      this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(2, 80));
    }
  }

  private fit(tools: number): Record<string, unknown> {
    return { employees: 240, industry: 'Software', tech_stack: ['Slack', 'Jira', 'Figma'].slice(0, tools) };
  }

  private invite(who: Who, count: number): void {
    for (let n = 0; n < count; n++) {
      this.did(who, 'Invite Sent', { invitee_email: `guest${n}@${this.domain}` }, this.daysAgo(2, 60));
    }
  }

  private person(n: number, early: boolean): Who {
    const { all, key, domain, random } = this;
    const id = `${domain.split('.')[0]}-u${n}`;
    const lastName = `Person ${id}`;
    const email = `u${n}@${domain}`;
    all.people.push({ id, email, lastName, account: key, early });
    if (random() < 0.3) {
      all.standing.people.push({ email, lastName, lead: random() < 0.5 });
    }
    const department = this.kind === 'hot' || random() < 0.3 ? DEPARTMENTS[0] : pick(random, DEPARTMENTS);
    const title = 'Ops lead';
    return {
      id,
      deviceId: `device-${id}`,
      email,
      firstName: 'Ann',
      name: `Ann ${lastName}`,
      title,
      department,
      mailDomain: domain,
    };
  }

  /** Who they are, and a first visit; of some before anybody knew who they were. */
  private meet(who: Who, part: Message['part']): void {
    const at = this.daysAgo(3, 20);
    const { email, name, title, department } = who;
    this.send(who, { type: 'identify', traits: { email, name, title, department } }, at, this.carried, part);
    this.did(who, 'Signed In', {}, at + 1000, this.carried, part);
    if (this.random() < 0.3) {
      this.send(
        { ...who, id: '' },
        { type: 'page', name: 'home', properties: { path: '/' } },
        at - HOUR,
        null,
        'some',
      );
    }
  }
}
