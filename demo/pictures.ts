import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../test/support/database.ts';
import { Stage } from '../test/support/stage.ts';
import { createOrganisation, MANIFESTS } from './organisation.ts';
import { openAlbum } from './pictures/album.ts';
import { findBrowser, startBrowser } from './pictures/browser.ts';
import { pictureBypass, pictureDelivery, pictureFailure } from './pictures/scenes.ts';
import { startSlack } from './pictures/slack.ts';

/** Plays the scenes with the bot and a simulated GitHub, and keeps what people then see in docs/images. */
const DIRECTORY = fileURLToPath(new URL('../docs/images', import.meta.url));

process.exitCode = await main(process.env['PATH'] ?? '');

async function main(path: string): Promise<number> {
  const program = findBrowser(path);
  if (program === undefined) {
    process.stderr.write('No Chromium is on PATH, so there are no pictures: install one, then run this again.\n');
    return 1;
  }
  await using resources = new AsyncDisposableStack();
  const temporary = await temporaryDirectory();
  resources.defer(() => temporary.remove());
  const slack = await startSlack(temporary.path);
  resources.defer(() => slack.close());
  const browser = await startBrowser(program);
  resources.defer(() => browser.close());
  const stage = await Stage.open({ env: { ...slack.env, TAGALONG_BYPASS_WAIT: '0s' } });
  resources.defer(async () => {
    await stage.close();
  });
  const studio = {
    ...{ stage, slack },
    applications: createOrganisation(stage.github),
    album: await openAlbum(DIRECTORY, browser),
  };
  stage.github.people.grant(MANIFESTS, 'root', 'admin');
  stage.github.people.grant(MANIFESTS, 'rita', 'read');
  await stage.until('the configuration is read', () => stage.github.state.checkRuns(MANIFESTS).length > 0);
  await pictureDelivery(studio);
  await pictureFailure(studio);
  await pictureBypass(studio);
  return 0;
}
