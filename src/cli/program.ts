import { Command, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import {
  commitArgument,
  countArgument,
  dateArgument,
  directoryArgument,
  repositoryArgument,
  requireDirectory,
} from './arguments.ts';
import { paint, type DiffOptions, type ExitCode, type Io } from './io.ts';

/**
 * The command line as commander sees it. Each command is imported when it runs, so that a small one starts fast.
 * @param finish takes the exit code of the command that ran
 */
export function buildProgram(io: Io, finish: (code: ExitCode) => void): Command {
  const program = new Command('tagalong')
    .description('Opens a pull request with its rendered diff for every image that is published.')
    .version(packageJson.version, '-V, --version', 'Tell the version.')
    .helpOption('-h, --help', 'Tell what can be done.')
    .helpCommand('help [command]', 'Tell what a command does.')
    .showHelpAfterError('Run `tagalong --help` to see what can be done.')
    .exitOverride()
    .configureOutput(outputOf(io))
    .configureHelp({ styleTitle: (title) => paint(io.stdout, 'bold', title) });
  const run = (command: () => Promise<ExitCode>) => command().then(finish);

  addServe(program, io, run);
  addLocalCommands(program, io, run);
  addEvent(program, io, run);
  addSimulate(program, io, run);
  addDoctor(program, io, run);
  addInbox(program, io, run);
  addAudit(program, io, run);
  for (const command of [...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.helpOption('-h, --help', 'Tell what this command does.');
    command.showHelpAfterError(`Run \`tagalong ${nameOf(command)} --help\` to see how it is used.`);
  }
  return program;
}

interface JsonFlag {
  readonly json?: boolean;
}

type Run = (command: () => Promise<ExitCode>) => Promise<void>;

function addServe(program: Command, io: Io, run: Run): void {
  program
    .command('serve')
    .description(
      'Run the bot: accept webhooks and keep pull requests as they should be. Settings come from the environment.',
    )
    .addHelpText(
      'after',
      examples(
        'APP_ID=… PRIVATE_KEY_PATH=key.pem WEBHOOK_SECRET=… tagalong serve',
        'TAGALONG_DATA=/data HOST=0.0.0.0 tagalong serve',
      ),
    )
    .action(() => run(async () => (await import('./serve.ts')).runServe(io)));
}

/** What works on a directory, without a server, a network or a database. */
function addLocalCommands(program: Command, io: Io, run: Run): void {
  const directory = 'The directory to look at.';
  program
    .command('scan')
    .description('List every place of a directory where the version of an image is written.')
    .argument('<dir>', directory, directoryArgument)
    .option('--json', 'Print a JSON array.')
    .addHelpText('after', examples('tagalong scan .', 'tagalong scan deploy --json'))
    .action((dir: string, { json = false }: JsonFlag) =>
      run(async () => {
        await requireDirectory(program, io, dir);
        return (await import('./scan.ts')).runScan(io, { directory: dir, json });
      }),
    );
  addBump(program, io, run, directory);
  addDiff(program, io, run, directory);
  program
    .command('check')
    .description('Check the configuration (`.tagalong.yml`) of a directory.')
    .argument('<dir>', directory, directoryArgument)
    .option('--json', 'Print a JSON object.')
    .addHelpText('after', examples('tagalong check .'))
    .action((dir: string, { json = false }: JsonFlag) =>
      run(async () => {
        await requireDirectory(program, io, dir);
        return (await import('./check.ts')).runCheck(io, { directory: dir, json });
      }),
    );
}

interface BumpFlags {
  readonly commit?: string;
  readonly date?: string;
  readonly write?: boolean;
  readonly json?: boolean;
}

function addBump(program: Command, io: Io, run: Run, directory: string): void {
  program
    .command('bump')
    .description('Show what a version of an image would change in a directory, as a unified diff.')
    .argument('<image:tag>', 'The version: `ghcr.io/acme/shop:1.4.3`, with `@sha256:…` where the digest is known.')
    .argument('<dir>', directory, directoryArgument)
    .option('--commit <sha>', 'The commit that the image was built from, for `set`.', commitArgument)
    .option('--date <YYYY-MM-DD>', 'The date for `set`; today if left out.', dateArgument)
    .option('--write', 'Write the files.')
    .option('--json', 'Print a JSON object.')
    .addHelpText(
      'after',
      examples(
        'tagalong bump ghcr.io/acme/shop:1.4.3 .',
        'tagalong bump acme/shop:main-3f2a91c deploy --commit 3f2a91c8 --write',
      ),
    )
    .action((image: string, dir: string, { write = false, json = false, ...values }: BumpFlags) =>
      run(async () => {
        await requireDirectory(program, io, dir);
        return (await import('./bump.ts')).runBump(io, { image, directory: dir, write, json, ...values });
      }),
    );
}

function addDiff(program: Command, io: Io, run: Run, directory: string): void {
  program
    .command('diff')
    .description('Render the manifests of a git repository at two revisions and show what differs.')
    .argument('<dir>', directory, directoryArgument)
    .option(
      '--base <rev>',
      'The revision to compare with; if left out, `HEAD` for the work tree, else the parent of `--head`.',
    )
    .option('--head <rev>', 'The revision to look at, or `worktree`.', 'worktree')
    .addOption(new Option('--format <format>', 'How to print.').choices(['text', 'markdown', 'json']).default('text'))
    .addHelpText('after', examples('tagalong diff .', 'tagalong diff --base main --head feature --format markdown .'))
    .action((dir: string, flags: Omit<DiffOptions, 'directory'>) =>
      run(async () => {
        await requireDirectory(program, io, dir);
        return (await import('./diff.ts')).runDiff(io, { directory: dir, ...flags });
      }),
    );
}

function addEvent(program: Command, io: Io, run: Run): void {
  program
    .command('event')
    .description('Tell what Tagalong understands of the body of a webhook, one line for each event.')
    .argument(
      '<sender>',
      'Who sends it: `github`, `generic` (an image), `generic-deploy`, `argo-cd`, `argo-rollouts`, `flux` or `spinnaker`.',
    )
    .argument('<file>', 'The file with the body, or `-` for standard input.')
    .option('--json', 'Print one JSON object a line, as is done anyhow.')
    .addHelpText(
      'after',
      examples(
        'tagalong event github package.json',
        `echo '{"image":"acme/shop","tag":"1.4.3"}' | tagalong event generic -`,
      ),
    )
    .action((sender: string, file: string, { json = false }: JsonFlag) =>
      run(async () => (await import('./event.ts')).runEvent(io, { sender, file, json })),
    );
}

function addSimulate(program: Command, io: Io, run: Run): void {
  program
    .command('simulate')
    .description(
      'Tell what the gate says of a saved snapshot of a change, and why. Exits with 0 when it passes, 1 when it waits or blocks, 2 when the snapshot cannot be read.',
    )
    .argument('<snapshot>', 'The file with the snapshot, or `-` for standard input.')
    .option('--json', 'Print a JSON object.')
    .addHelpText('after', examples('tagalong simulate docs/examples/snapshot.json'))
    .action((file: string, { json = false }: JsonFlag) =>
      run(async () => (await import('./simulate.ts')).runSimulate(io, { file, json })),
    );
}

function addDoctor(program: Command, io: Io, run: Run): void {
  program
    .command('doctor')
    .description(
      'Look at all that the bot needs, with the settings that `serve` would have: the app, the database, the renderers, and for ' +
        'each manifest repository whether its branch requires the check and what a person could still go around.',
    )
    .argument('[owner/repo]', 'The repository to look at; every manifest repository if left out.', repositoryArgument)
    .option('--json', 'Print a JSON object.')
    .addHelpText('after', examples('tagalong doctor', 'tagalong doctor acme/deploy --json'))
    .action((repository: string | undefined, { json = false }: JsonFlag) =>
      run(async () =>
        (await import('./doctor.ts')).runDoctor(io, { json, ...(repository !== undefined && { repository }) }),
      ),
    );
}

function addInbox(program: Command, io: Io, run: Run): void {
  const inbox = program.command('inbox').description('See what waits to be worked on, and wake what has given up.');
  inbox
    .command('list')
    .description('List what waits, is being retried, or has given up.')
    .option('--json', 'Print a JSON array.')
    .addHelpText('after', examples('tagalong inbox list'))
    .action(({ json = false }: JsonFlag) => run(async () => (await import('./inbox.ts')).runInboxList(io, { json })));
  inbox
    .command('retry')
    .description('Work again on what has given up.')
    .argument('[subject]', 'A repository (`github:acme/deploy`) or change (`github:acme/deploy#12`); all if left out.')
    .addHelpText('after', examples('tagalong inbox retry', 'tagalong inbox retry github:acme/deploy#12'))
    .action((subject: string | undefined) =>
      run(async () => (await import('./inbox.ts')).runInboxRetry(io, subject === undefined ? {} : { subject })),
    );
}

interface AuditFlags {
  readonly repository?: string;
  readonly change?: number;
  readonly since?: string;
  readonly limit: number;
  readonly json?: boolean;
}

function addAudit(program: Command, io: Io, run: Run): void {
  program
    .command('audit')
    .description('Tell who or what did what, when, and by which event: the audit log, newest first.')
    .option('--repository <owner/name>', 'Only what is about this manifest repository.')
    .option('--change <number>', 'Only what is about this pull request.', countArgument)
    .option('--since <age>', 'Only what is not older: `12h`, `7d`, or since a date, `2024-11-02`.')
    .option('--limit <count>', 'At most so many lines.', countArgument, 100)
    .option('--json', 'Print one JSON object a line.')
    .addHelpText(
      'after',
      examples('tagalong audit --since 12h', 'tagalong audit --repository acme/deploy --change 42 --json'),
    )
    .action(({ json = false, ...filter }: AuditFlags) =>
      run(async () => (await import('./audit.ts')).runAudit(io, { json, ...filter })),
    );
}

function examples(...lines: readonly string[]): string {
  return ['', 'Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n');
}

function nameOf(command: Command): string {
  const parent = command.parent?.parent ? [command.parent.name()] : [];
  return [...parent, command.name()].join(' ');
}

function outputOf({ stdout, stderr }: Io) {
  return {
    writeOut: (text: string) => stdout.write(text),
    writeErr: (text: string) => stderr.write(text),
    outputError: (text: string, write: (text: string) => void) => write(paint(stderr, 'red', text)),
    getOutHasColors: () => stdout.color,
    getErrHasColors: () => stderr.color,
  };
}
