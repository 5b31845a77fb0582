import { createFakeForge } from '../support/fake-forge.ts';
import { tellingContract, type TellingWorld } from './telling-contract.ts';

tellingContract('the fake forge', () => Promise.resolve(createWorld()));

function createWorld(): TellingWorld {
  const forge = createFakeForge();
  const application = forge.addRepository('acme/shop', { 'main.go': 'package main\n' });
  const manifests = forge.addRepository('acme/deploy', { 'app.yaml': 'image: shop:1\n' });
  const commit = forge.push(application, 'feature', { 'feature.go': 'package main\n' });
  const otherCommit = forge.push(application, 'main', { 'other.go': 'package main\n' });
  forge.push(manifests, 'bump', { 'app.yaml': 'image: shop:2\n' });
  return {
    forge,
    ...{ application, commit, otherCommit },
    change: forge.openChange(application, 'feature', 'A feature'),
    bump: forge.openChange(manifests, 'bump', 'Bump shop'),
    unseen: { repository: { forge: 'github', path: 'elsewhere/shop' }, commit },
    deployments: (at) => {
      const all = forge.deployments(application, at);
      const last = new Map(all.map((each) => [each.environment, each]));
      return [...last.values()].map(({ environment, state, description }) => ({ environment, state, description }));
    },
    statuses: (at) => {
      const last = new Map(forge.statuses(application, at).map((each) => [each.context, each]));
      return [...last.values()].map(({ context, state, description }) => ({ context, state, description }));
    },
    comments: (change) => forge.comments(change),
    deleteComment: (change, id) => forge.deleteComment(change, id),
    issues: () =>
      forge.issues(manifests).map(({ title, marker, body, isOpen }) => ({ title, body: `${marker}\n${body}`, isOpen })),
    closeIssue: (number) => forge.closeIssue(manifests, number),
    writes: () => forge.writes.length,
    interrupt: (point) => forge.interruptAfter(point === undefined ? undefined : point.writes + (point.done ? 1 : 0)),
    close: () => Promise.resolve(),
  };
}
