import { DEPLOY_SECRET } from '../test/support/bot-process.ts';

export interface Synced {
  readonly application: 'shop-staging' | 'shop-production' | 'web-staging';
  readonly phase: 'Running' | 'Succeeded' | 'Failed';
  /** `Healthy` unless told. */
  readonly health?: 'Healthy' | 'Progressing' | 'Degraded';
  readonly message?: string;
  readonly revision: string;
}

const paths = {
  'shop-staging': 'apps/shop/overlays/staging',
  'shop-production': 'apps/shop/overlays/production',
  'web-staging': 'charts/web',
} as const satisfies Record<Synced['application'], string>;

/** What Argo CD posts with the template of `deploy/argocd`. @throws when it is not accepted */
export async function reportAsArgoCd(botUrl: string, synced: Synced): Promise<void> {
  const { application, phase, health = 'Healthy', message = 'successfully synced', revision } = synced;
  const response = await fetch(`${botUrl}/webhooks/deploys/argo-cd`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${DEPLOY_SECRET}` },
    body: JSON.stringify({
      application,
      namespace: 'argocd',
      source: { repoURL: 'https://github.com/acme/deploy', path: paths[application] },
      revision,
      sync: 'Synced',
      health,
      phase,
      message,
      at: new Date().toISOString(),
      url: `https://argocd.acme.example/applications/${application}`,
      environmentUrls: [`https://${application}.acme.example`],
    }),
  });
  if (response.status !== 202) throw new Error(`the report was answered ${response.status}: ${await response.text()}`);
}
