import { createNodeResolver, importX } from 'eslint-plugin-import-x';

/**
 * Who may import whom: the table of docs/architecture.md as lint rules. A room is a folder (or file) of src/; it may
 * import itself and what its row names. `opens` names the walls that stand open for it. A later row
 * that is about the same file wins over an earlier one, so the ports come last.
 */

/** Rooms that compute and do nothing else. */
const pure = ['manifests', 'versions', 'review', 'diff', 'deploys', 'markdown', 'config'];

const ports = [
  'forge/forge.ts',
  'forge/reviews.ts',
  'forge/deployments.ts',
  'git/git.ts',
  'render/render.ts',
  'store/store.ts',
  'intake/receiver.ts',
  'notify/notify.ts',
  'telemetry/telemetry.ts',
];

/** One forge, in three files. */
const forgePorts = ['forge/forge.ts', 'forge/reviews.ts', 'forge/deployments.ts'];

const adapter = ['domain', 'telemetry/telemetry.ts'];

/** @type {{room: string, imports: readonly string[], opens?: readonly string[], isPure?: boolean}[]} */
const rooms = [
  { room: 'domain', imports: [], isPure: true },
  ...['manifests', 'versions', 'review', 'diff', 'deploys'].map((room) => ({
    room,
    imports: ['domain'],
    isPure: true,
  })),
  { room: 'config', imports: ['domain'], opens: ['zod'], isPure: true },
  { room: 'markdown', imports: ['domain', ...pure, 'render/render.ts'], isPure: true },
  { room: 'commands', imports: ['domain', ...pure, ...ports] },
  { room: 'workflows', imports: ['domain', ...pure, ...ports, 'commands'] },
  {
    room: 'forge/github',
    imports: [...adapter, ...forgePorts, 'git/git.ts', 'intake/receiver.ts'],
    opens: ['github', 'zod'],
  },
  {
    room: 'forge/gitlab',
    imports: [...adapter, ...forgePorts, 'git/git.ts', 'intake/receiver.ts'],
    opens: ['gitlab', 'zod'],
  },
  { room: 'intake', imports: [...adapter, 'forge/github/events.ts', 'forge/gitlab/events.ts'], opens: ['zod'] },
  { room: 'git', imports: adapter, opens: ['processes'] },
  { room: 'render', imports: [...adapter, 'git/git.ts'], opens: ['processes'] },
  { room: 'registry', imports: adapter },
  { room: 'notify', imports: adapter },
  { room: 'store', imports: adapter, opens: ['database'] },
  { room: 'telemetry', imports: ['domain'] },
  { room: 'server', imports: ['domain', ...ports, 'intake/registry.ts'], opens: ['github'] },
  {
    room: 'cli',
    imports: [
      'domain',
      ...pure,
      'commands',
      'workflows',
      'forge',
      'git',
      'render',
      'store',
      'intake',
      'registry',
      'notify',
      'telemetry',
      'server',
      'main.ts',
    ],
    opens: ['zod', 'commander'],
  },
  ...ports.map((room) => ({ room, imports: ['domain', 'git/git.ts', ...forgePorts], isPure: true })),
];

/** Packages that may be spoken to in a few rooms only; everywhere else stands a port for them. */
const walls = {
  github: { packages: '(@octokit|probot|octokit-[^/]+)(/|$)', where: 'src/forge/github and src/server' },
  gitlab: { packages: '@gitbeaker/', where: 'src/forge/gitlab' },
  database: { packages: '(pg|pg-[^/]+|kysely|@electric-sql/[^/]+)(/|$)', where: 'src/store' },
  processes: { packages: '(node:)?child_process$|^execa$', where: 'src/render and src/git' },
  zod: { packages: 'zod(/|$)', where: 'src/config, src/intake, src/cli and the edges of src/forge/*' },
  commander: { packages: 'commander(/|$)', where: 'src/cli.ts and src/cli' },
};

const outsideWorld =
  '(node:)?(fs|net|tls|http|https|http2|dns|os|process|cluster|worker_threads|timers|readline)(/|$)|^(pino|prom-client|fastify)(/|$)';

const clocks = [
  ['CallExpression[callee.object.name="Date"][callee.property.name="now"]', 'the time'],
  ['NewExpression[callee.name="Date"][arguments.length=0]', 'the time'],
  ['CallExpression[callee.object.name="Math"][callee.property.name="random"]', 'chance'],
  ['CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]', 'a timer'],
].map(([selector, what]) => ({ selector, message: `This room is pure: take ${what} as an argument.` }));

/** The zones of `import-x/no-restricted-paths`. */
const zones = rooms.map(({ room, imports }) => ({
  target: `./src/${room}`,
  from: './src',
  except: [...new Set([room, ...imports])].map((each) => `./${each}`),
  message: `${room} may import ${imports.length === 0 ? 'nothing of ours' : imports.join(', ')}, and nothing else of src.`,
}));

/** One block a room, because ESLint takes the last setting of a rule for a file instead of adding them up. */
const packageRules = rooms.map(({ room, opens = [], isPure = false }) => ({
  files: [room.endsWith('.ts') ? `src/${room}` : `src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', { patterns: closedWalls(room, opens, isPure) }],
    ...(isPure && { 'no-restricted-syntax': ['error', ...clocks] }),
  },
}));

function closedWalls(room, opens, isPure) {
  const closed = Object.entries(walls)
    .filter(([name]) => !opens.includes(name))
    .map(([, { packages, where }]) => ({ regex: `^${packages}`, message: `This package belongs in ${where} alone.` }));
  return isPure
    ? [...closed, { regex: `^${outsideWorld}`, message: `${room} is pure: no input or output here.` }]
    : closed;
}

const defaultExports = { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true };

/** Everything above as blocks of an ESLint configuration; the parser is the caller's. */
export const architecture = [
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'no-restricted-exports': ['error', { restrictDefaultExports: defaultExports }],
    },
  },
  ...packageRules,
  {
    files: ['src/**/*.ts'],
    // Probot's set-up page reads the environment of its process, so the set-up has to write there.
    ignores: ['src/main.ts', 'src/cli.ts', 'src/cli/io.ts', 'src/server/setup.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only main.ts and cli.ts read the environment; take a setting.',
        },
      ],
    },
  },
  { files: ['*.config.{ts,js}'], rules: { 'no-restricted-exports': 'off' } },
];
