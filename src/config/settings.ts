import { nearestWord } from './nearest.ts';
import { settingsTable, type LogFormat, type LogLevel, type Setting } from './settings-table.ts';

/** What the process is told by its environment, read and checked. Durations are milliseconds, sizes bytes. */
export interface Settings {
  readonly github: {
    /** Absent until the app is created: then `serve` shows the page that creates it. */
    readonly app?: GitHubAppSettings;
    /** For instance `https://github.com`. */
    readonly webUrl: string;
    /** For instance `https://api.github.com`, or `https://github.example.com/api/v3`. */
    readonly apiUrl: string;
  };
  readonly server: {
    readonly host: string;
    /** 0 means a free one. */
    readonly port: number;
    /** Without a `/` at its end. */
    readonly publicUrl?: string;
    readonly bodyLimit: number;
    /** Any of them is good; none means that the generic endpoint accepts nobody. */
    readonly genericSecrets: readonly string[];
    /** Any of them is good; none means that no deploy tool is listened to. */
    readonly deploySecrets: readonly string[];
    readonly grace: number;
  };
  readonly store: {
    readonly dataDirectory: string;
    /** Holds a password. */
    readonly databaseUrl?: string;
    readonly mirrorSize: number;
  };
  readonly work: {
    readonly concurrency: number;
    readonly resync: number;
    readonly bypassWait: number;
  };
  readonly renderers: {
    readonly helmPath: string;
    readonly kustomizePath: string;
    readonly timeout: number;
  };
  readonly slack: {
    readonly token?: string;
    /** With a `/` at its end. */
    readonly slackApiUrl?: string;
    readonly webhookUrl?: string;
  };
  readonly log: {
    readonly level: LogLevel;
    readonly format: LogFormat;
  };
}

export interface GitHubAppSettings {
  readonly id: number;
  /** PKCS #8 in PEM form. */
  readonly privateKey: string;
  readonly webhookSecret: string;
}

const PREFIX = 'TAGALONG_';

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

export type ReadSettings =
  { readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads every setting of `settings-table.ts`. An empty value is an unset one. Tells all problems; each names its setting and
 * what it wants, and none shows the value of a secret.
 * @param readText reads the file of `PRIVATE_KEY_PATH`; throws when it cannot
 */
export function readSettings(env: Variables, readText: (path: string) => string): ReadSettings {
  const reader = new SettingsReader(env);
  const app = readApp(reader, readText);
  const settings: Settings = {
    github: { ...(app !== undefined && { app }), ...readGitHubUrls(reader) },
    ...readServerAndStore(reader),
    ...readWork(reader),
  };
  const problems = [...reader.problems, ...unknownNames(env)];
  return problems.length === 0 ? { ok: true, settings } : { ok: false, problems };
}

/** Takes settings out of the environment, and keeps what is wrong with them. */
class SettingsReader {
  readonly problems: string[] = [];
  readonly #env: Variables;

  constructor(env: Variables) {
    this.#env = env;
  }

  optional<T>({ name, type, isSecret }: Setting<T>): T | undefined {
    const text = this.#env[name]?.trim();
    if (text === undefined || text === '') return undefined;
    const value = type.read(text);
    if (value === undefined) {
      const shown = isSecret === true ? 'has a value that is not shown here, and' : `is \`${text}\`, and`;
      this.problems.push(`${name} ${shown} wants ${type.wants}.`);
    }
    return value;
  }

  /** The default also stands in for a wrong value, so that reading can go on and tell more. */
  withDefault<T>(setting: Setting<T> & { readonly default: string }): T {
    const value = this.optional(setting) ?? setting.type.read(setting.default);
    if (value === undefined) throw new Error(`the default of ${setting.name} is not valid`);
    return value;
  }

  isSet({ name }: Setting<unknown>): boolean {
    return (this.#env[name] ?? '').trim() !== '';
  }
}

/** The app is known as a whole or not at all. */
function readApp(reader: SettingsReader, readText: (path: string) => string): GitHubAppSettings | undefined {
  const id = reader.optional(settingsTable.appId);
  const privateKey = readKey(reader, readText);
  const webhookSecret = reader.optional(settingsTable.webhookSecret);
  if (id !== undefined && privateKey !== undefined && webhookSecret !== undefined)
    return { id, privateKey, webhookSecret };

  const hasKey = reader.isSet(settingsTable.privateKey) || reader.isSet(settingsTable.privateKeyPath);
  const missing = [
    ...(reader.isSet(settingsTable.appId) ? [] : [settingsTable.appId]),
    ...(hasKey ? [] : [settingsTable.privateKey]),
    ...(reader.isSet(settingsTable.webhookSecret) ? [] : [settingsTable.webhookSecret]),
  ];
  if (missing.length === 3) return undefined;
  for (const { name, type } of missing) {
    reader.problems.push(`${name} is missing, and wants ${type.wants}.`);
  }
  return undefined;
}

function readKey(reader: SettingsReader, readText: (path: string) => string): string | undefined {
  const path = reader.optional(settingsTable.privateKeyPath);
  if (path === undefined) return reader.optional(settingsTable.privateKey);
  const { name, type } = settingsTable.privateKey;
  const { name: pathName } = settingsTable.privateKeyPath;
  if (reader.isSet(settingsTable.privateKey)) {
    reader.problems.push(`${name} and ${pathName} are both set; one of them is wanted.`);
    return undefined;
  }
  try {
    const key = type.read(readText(path));
    if (key === undefined) reader.problems.push(`${pathName} names \`${path}\`, which does not hold ${type.wants}.`);
    return key;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    reader.problems.push(`${pathName} names \`${path}\`, which cannot be read: ${reason}.`);
    return undefined;
  }
}

/** GitHub Enterprise Server serves its API below `/api/v3`; GitHub Enterprise Cloud with data residency on a host of its own. */
function readGitHubUrls(reader: SettingsReader): { webUrl: string; apiUrl: string } {
  const host = reader.optional(settingsTable.gheHost);
  const protocol = reader.withDefault(settingsTable.gheProtocol);
  if (host === undefined) return { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' };
  const webUrl = `${protocol}://${host}`;
  return { webUrl, apiUrl: host.endsWith('.ghe.com') ? `${protocol}://api.${host}` : `${webUrl}/api/v3` };
}

function readServerAndStore(reader: SettingsReader): Pick<Settings, 'server' | 'store'> {
  const publicUrl = reader.optional(settingsTable.publicUrl);
  const databaseUrl = reader.optional(settingsTable.databaseUrl);
  return {
    server: {
      host: reader.withDefault(settingsTable.host),
      port: reader.withDefault(settingsTable.port),
      ...(publicUrl !== undefined && { publicUrl }),
      bodyLimit: reader.withDefault(settingsTable.bodyLimit),
      genericSecrets: reader.optional(settingsTable.genericSecrets) ?? [],
      deploySecrets: reader.optional(settingsTable.deploySecrets) ?? [],
      grace: reader.withDefault(settingsTable.grace),
    },
    store: {
      dataDirectory: reader.withDefault(settingsTable.dataDirectory),
      ...(databaseUrl !== undefined && { databaseUrl }),
      mirrorSize: reader.withDefault(settingsTable.mirrorSize),
    },
  };
}

function readWork(reader: SettingsReader): Pick<Settings, 'work' | 'renderers' | 'slack' | 'log'> {
  const token = reader.optional(settingsTable.slackToken);
  const apiUrl = reader.optional(settingsTable.slackApiUrl);
  const webhookUrl = reader.optional(settingsTable.slackWebhookUrl);
  return {
    slack: {
      ...(token !== undefined && { token }),
      ...(apiUrl !== undefined && { slackApiUrl: `${apiUrl}/` }),
      ...(webhookUrl !== undefined && { webhookUrl }),
    },
    work: {
      concurrency: reader.withDefault(settingsTable.concurrency),
      resync: reader.withDefault(settingsTable.resync),
      bypassWait: reader.withDefault(settingsTable.bypassWait),
    },
    renderers: {
      helmPath: reader.withDefault(settingsTable.helmPath),
      kustomizePath: reader.withDefault(settingsTable.kustomizePath),
      timeout: reader.withDefault(settingsTable.renderTimeout),
    },
    log: {
      level: reader.withDefault(settingsTable.logLevel),
      format: reader.withDefault(settingsTable.logFormat),
    },
  };
}

/**
 * What Kubernetes sets in every container beside a Service whose name begins with `tagalong`:
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE_LINK = /_SERVICE_HOST$|_SERVICE_PORT(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;
const SERVICE_PORT = /^(?:tcp|udp|sctp):\/\//;

function unknownNames(env: Variables): string[] {
  const names: readonly string[] = Object.values(settingsTable).map(({ name }) => name);
  const unknown = Object.keys(env).filter((name) => name.startsWith(PREFIX) && !names.includes(name));
  return unknown
    .filter((name) => !SERVICE_LINK.test(name) && !(name.endsWith('_PORT') && SERVICE_PORT.test(env[name] ?? '')))
    .map((name) => {
      const nearest = nearestWord(withoutPrefix(name), names.map(withoutPrefix));
      const meant = names.find((candidate) => withoutPrefix(candidate) === nearest);
      return `${name} is no setting.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
    });
}

function withoutPrefix(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}
