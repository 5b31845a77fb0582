import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CheckRun, Issue, PullRequest, Repository } from '../world/model.ts';
import { repositoryKey } from '../world/repositories.ts';
import type { World } from '../world/world.ts';
import { issuePage, issuesPage } from './issue-pages.ts';
import { pullPage, type PullTab } from './pull-page.ts';
import {
  commitPage,
  commitsPage,
  comparePage,
  deploymentsPage,
  homePage,
  pullsPage,
  runPage,
  treePage,
} from './repository-pages.ts';

const style = new URL('style.css', import.meta.url);

/** Pages for a person who wants to look, at the addresses that GitHub has for them. */
export function addPages(app: FastifyInstance, world: World): void {
  app.get('/', (_request, reply) => show(reply, homePage(world)));
  app.get('/-/style.css', (_request, reply) => reply.type('text/css').send(readFileSync(style, 'utf8')));
  const add = (path: string, draw: (repository: Repository, rest: string) => string | undefined) => {
    app.get(`/:owner/:repository${path}`, (request, reply) => {
      const { repository, rest } = asked(world, request);
      return show(reply, repository === undefined ? undefined : draw(repository, rest));
    });
  };
  add('', (repository) => treePage(world, repository, repository.defaultBranch, ''));
  add('/tree/*', (repository, rest) => drawTree(world, repository, rest));
  add('/blob/*', (repository, rest) => drawTree(world, repository, rest));
  add('/commits/*', (repository, rest) => commitsPage(world, repository, rest));
  add('/commit/*', (repository, rest) => commitPage(world, repository, rest));
  add('/compare/*', (repository, rest) => comparePage(repository, rest));
  add('/pulls', (repository) => pullsPage(world, repository));
  add('/issues', (repository) => issuesPage(world, repository));
  add('/issues/*', (repository, rest) => {
    const issue: Issue | undefined = repository.issues.get(Number(rest));
    return issue === undefined ? undefined : issuePage(world, issue);
  });
  add('/runs/*', (repository, rest) => {
    const run: CheckRun | undefined = repository.checkRuns.get(Number(rest));
    return run === undefined ? undefined : runPage(repository, run);
  });
  add('/deployments', (repository) => deploymentsPage(world, repository));
  add('/pull/*', (repository, rest) => {
    const [number, tab = 'conversation'] = rest.split('/');
    const pull: PullRequest | undefined = repository.pulls.get(Number(number));
    return pull === undefined || !isTab(tab) ? undefined : pullPage(world, pull, tab);
  });
}

function isTab(name: string): name is PullTab {
  return name === 'conversation' || name === 'commits' || name === 'checks' || name === 'files';
}

/** A branch may hold slashes: the longest one that exists is meant. */
function drawTree(world: World, repository: Repository, rest: string): string | undefined {
  const parts = rest.split('/');
  for (let length = parts.length; length > 0; length--) {
    const drawn = treePage(world, repository, parts.slice(0, length).join('/'), parts.slice(length).join('/'));
    if (drawn !== undefined) return drawn;
  }
  return undefined;
}

function asked(world: World, { params }: FastifyRequest): { repository: Repository | undefined; rest: string } {
  const named = new Map<string, unknown>(Object.entries(params ?? {}));
  const key = repositoryKey(String(named.get('owner')), String(named.get('repository')));
  return { repository: world.repositories.get(key), rest: String(named.get('*')) };
}

async function show(reply: FastifyReply, drawn: string | undefined): Promise<void> {
  if (drawn === undefined) await reply.code(404).type('text/plain').send('Not Found\n');
  else await reply.type('text/html; charset=utf-8').send(drawn);
}
