import { configJsonSchema } from '../../src/config/json-schema.ts';
import { cliPage } from './cli-page.ts';
import { commandsPage } from './commands-page.ts';
import { configPage } from './config-page.ts';
import { errorsPage } from './errors-page.ts';
import { settingsPage } from './settings-page.ts';

/** The pages that are generated from code, by their path in the repository. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/cli.md', cliPage()],
    ['docs/commands.md', commandsPage()],
    ['docs/config.md', configPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/settings.md', settingsPage()],
    ['docs/tagalong.schema.json', `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`],
  ]);
}
