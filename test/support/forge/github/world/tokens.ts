import { randomBytes, verify } from 'node:crypto';
import type { Account, Actor, Installation, Level, Permissions, Repository } from './model.ts';
import { installationOf, repositoriesOf } from './installations.ts';
import { notFound, notPermitted, Refusal, unprocessable } from './refusal.ts';
import { mayWrite, roleOf } from './accounts.ts';
import type { World } from './world.ts';

/** Who a request says it is. */
export type Credentials =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app' }
  | { readonly kind: 'person'; readonly account: Account }
  | InstallationToken;

export interface InstallationToken {
  readonly kind: 'installation';
  readonly token: string;
  readonly installation: Installation;
  readonly permissions: Permissions;
  /** undefined: all that the installation covers. */
  readonly repositories: ReadonlySet<Repository> | undefined;
  readonly expiresAt: Date;
}

/** As on GitHub, a token lives one hour. */
const tokenLifetimeMs = 60 * 60 * 1000;
const longestJwtSeconds = 10 * 60;

/** Issues tokens and knows who holds them. */
export class Tokens {
  readonly #world: World;
  readonly #installationTokens = new Map<string, InstallationToken>();
  readonly #personalTokens = new Map<string, Account>();

  constructor(world: World) {
    this.#world = world;
  }

  forPerson(account: Account): string {
    const token = `ghp_${randomBytes(18).toString('hex')}`;
    this.#personalTokens.set(token, account);
    return token;
  }

  /** @throws Refusal when more is asked for than the installation has */
  forInstallation(
    installation: Installation,
    narrowed: { permissions?: Permissions | undefined; repositories?: readonly Repository[] | undefined },
  ): InstallationToken {
    if (installation.suspendedAt !== undefined) throw new Refusal(403, 'This installation has been suspended');
    const permissions = narrowed.permissions ?? installation.permissions;
    if (Object.entries(permissions).some(([name, level]) => !grants(installation.permissions, name, level))) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
    const covered = repositoriesOf(this.#world, installation);
    if (narrowed.repositories?.some((repository) => !covered.includes(repository)) === true) {
      throw inaccessible();
    }
    const token: InstallationToken = {
      kind: 'installation',
      token: `ghs_${randomBytes(18).toString('hex')}`,
      installation,
      permissions: { metadata: 'read', ...permissions },
      repositories: narrowed.repositories === undefined ? undefined : new Set(narrowed.repositories),
      expiresAt: new Date(this.#world.now().getTime() + tokenLifetimeMs),
    };
    this.#installationTokens.set(token.token, token);
    return token;
  }

  /** Makes every installation token worthless, as time or a removal of the app does. */
  revokeInstallationTokens(): void {
    this.#installationTokens.clear();
  }

  /** @param authorization the header: `Bearer`, `token` or `Basic` with the token as password @throws Refusal 401 */
  authenticate(authorization: string | undefined): Credentials {
    if (authorization === undefined) return { kind: 'anonymous' };
    const token = tokenIn(authorization);
    if (token.split('.').length === 3) return this.#verifyJwt(token);
    const account = this.#personalTokens.get(token);
    if (account !== undefined) return { kind: 'person', account };
    const issued = this.#installationTokens.get(token);
    const isAlive =
      issued !== undefined &&
      issued.expiresAt > this.#world.now() &&
      issued.installation.suspendedAt === undefined &&
      this.#world.nodes.has(issued.installation.nodeId);
    if (!isAlive) throw new Refusal(401, 'Bad credentials');
    return issued;
  }

  #verifyJwt(token: string): Credentials {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const isGenuine = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      this.#world.app.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isGenuine) throw new Refusal(401, 'A JSON web token could not be decoded');
    const claims = new Map(Object.entries(record(Buffer.from(payload, 'base64url').toString())));
    const now = this.#world.now().getTime() / 1000;
    const issuedAt = Number(claims.get('iat'));
    const expiresAt = Number(claims.get('exp'));
    if (!(issuedAt <= now + 60)) {
      throw new Refusal(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    }
    if (!(expiresAt > now)) {
      throw new Refusal(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
    }
    if (expiresAt > now + longestJwtSeconds + 1) {
      throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
    }
    if (String(claims.get('iss')) !== String(this.#world.app.id)) throw new Refusal(404, 'Integration not found');
    return { kind: 'app' };
  }
}

function inaccessible(): Refusal {
  return unprocessable(
    'There is at least one repository that does not exist or is not accessible to the parent installation.',
  );
}

function tokenIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return value;
  const [, password = ''] = Buffer.from(value, 'base64').toString().split(':');
  return password;
}

function record(json: string): object {
  const value: unknown = JSON.parse(json);
  return typeof value === 'object' && value !== null ? value : {};
}

const levels: readonly Level[] = ['read', 'write', 'admin'];

export type PermissionName = keyof Permissions;

function grants(permissions: Permissions, name: string, wanted: string): boolean {
  const has = new Map<string, string>(Object.entries({ metadata: 'read', ...permissions })).get(name);
  return (
    has !== undefined && levels.findIndex((level) => level === has) >= levels.findIndex((level) => level === wanted)
  );
}

/** One of several permissions, each enough. */
export type Needs = Partial<Record<PermissionName, Level>>;

/** @throws Refusal 404 when it may not be seen, 403 when it may be seen but not this */
export function requireAccess(world: World, credentials: Credentials, repository: Repository, needs: Needs): void {
  const wantsWrite = Object.values(needs).some((level) => level !== 'read');
  if (credentials.kind === 'installation' && covers(world, credentials, repository)) {
    const enough = Object.entries(needs).some(([name, level]) => grants(credentials.permissions, name, level));
    if (!enough) throw notPermitted();
    if (wantsWrite && repository.archived) throw new Refusal(403, 'Repository was archived so is read-only.');
    return;
  }
  if (credentials.kind === 'person') {
    const role = roleOf(repository, credentials.account);
    if (role === 'none') throw notFound();
    if (wantsWrite && !mayWrite(role) && !('issues' in needs))
      throw new Refusal(403, 'Must have push access to repository');
    return;
  }
  if (repository.private || credentials.kind === 'app') throw notFound();
  if (wantsWrite) throw credentials.kind === 'anonymous' ? new Refusal(401, 'Requires authentication') : notPermitted();
}

export function covers(world: World, token: InstallationToken, repository: Repository): boolean {
  if (installationOf(world, repository) !== token.installation) return false;
  return token.repositories === undefined || token.repositories.has(repository);
}

/** @throws Refusal 401 for those who are nobody here */
export function actorOf(world: World, credentials: Credentials): Actor {
  if (credentials.kind === 'installation') return { account: world.app.bot, app: world.app };
  if (credentials.kind === 'person') return { account: credentials.account };
  throw new Refusal(401, 'Requires authentication');
}
