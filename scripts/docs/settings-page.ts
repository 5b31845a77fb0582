import { settingsTable, type Setting } from '../../src/config/settings-table.ts';
import { page, table } from './markdown.ts';

export function settingsPage(): string {
  const settings: readonly Setting<unknown>[] = Object.values(settingsTable);
  const groups = Map.groupBy(settings, ({ group }) => group);
  const sections = [...groups].flatMap(([group, members]) => [
    `## ${group}`,
    table(['Setting', 'Default', 'Wants', 'Meaning'], members.map(row)),
  ]);
  return page('Settings', '`src/config/settings-table.ts`', [
    'The process is set up by environment variables. A setting with a wrong value, a `TAGALONG_` name that is none of these, and a ' +
      'missing part of the GitHub App are told by name before anything is listened on, and the process exits. An empty value counts ' +
      'as unset. Values of settings marked *secret* appear in no message and no log.',
    ...sections,
  ]);
}

function row({ name, default: preset, type, meaning, isSecret }: Setting<unknown>): string[] {
  return [
    `\`${name}\``,
    preset === undefined ? '' : `\`${preset}\``,
    type.wants,
    isSecret === true ? `${meaning} *Secret.*` : meaning,
  ];
}
