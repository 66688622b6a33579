import type { ConfigProblem } from '../../shared/config-file.ts';
import { MINUTE } from '../../shared/time.ts';
import type { Alerts } from './alerts.ts';
import { type HandoffFile, type HandoffKnows, unknownTiers } from './names.ts';
import { destinations } from './read-sla.ts';
import type { AlertsConfig } from './schema.ts';

export function alertsOf({ default: fallback, quiet, channels, ...config }: AlertsConfig): Alerts {
  const owners = Object.entries(config.owners).map(([email, user]): [string, string] => [
    email.toLowerCase(),
    user,
  ]);
  return {
    channels: channels.map(({ channel, tiers = null, routes = null, quiet: isQuiet }) => ({
      channel,
      tiers,
      routes,
      quiet: isQuiet,
    })),
    fallback: { channel: fallback, quiet },
    perHour: config.per_hour,
    rollUp: { from: config.roll_up.from, within: config.roll_up.within * MINUTE },
    owners: new Map(owners),
  };
}

export function alertProblems(read: HandoffFile, knows: HandoffKnows): ConfigProblem[] {
  const { value, unknownName, problem } = read;
  const { channels = [], owners = {} } = value.alerts ?? {};
  const ids = channels.map(({ id }) => id);
  return [
    ...channels.flatMap((channel, i) => [
      ...unknownTiers(read, ['alerts', 'channels', i], channel, knows),
      ...(channel.routes ?? []).flatMap((to, j) =>
        unknownName(['alerts', 'channels', i, 'routes', j], to, destinations(value), 'where a route goes', [
          ['routes'],
        ]),
      ),
      ...(ids.indexOf(channel.id) < i
        ? [problem(['alerts', 'channels', i, 'id'], channel.id, 'an id that no other channel has')]
        : []),
    ]),
    ...Object.keys(owners)
      .filter((email) => !/^[^@\s]+@[^@\s]+$/.test(email))
      .map((email) => problem(['alerts', 'owners', email], email, 'the e-mail address of an owner')),
  ];
}
