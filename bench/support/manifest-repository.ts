/** A manifest repository as people keep them, and the images in it that a benchmark may publish. */
export interface ManifestRepository {
  readonly files: Readonly<Record<string, string>>;
  readonly images: readonly SampleImage[];
}

export interface SampleImage {
  /** Below `ghcr.io/acme/`. */
  readonly name: string;
  /** What renders the files that hold it. */
  readonly engine: Engine;
}

export type Engine = 'kustomize' | 'plain' | 'helm';

export const ENVIRONMENT = 'staging';

/** The version that stands at every site at first. */
export const STANDING_TAG = '1.4.2';

/**
 * About `size` files: in equal shares applications with a base and two overlays, plain manifests, and charts. Every application has an image of
 * its own; only what is deployed to staging is followed, so that one published image makes one change.
 */
export function manifestRepository(size: number): ManifestRepository {
  const files: Record<string, string> = { '.tagalong.yml': configuration };
  const images: SampleImage[] = [];
  for (let index = 0, count = 1; count < size; index += 1) {
    const engine = engines[index % engines.length] ?? 'plain';
    const name = `${teams[index % teams.length] ?? 'team'}-${engine}-${index}`;
    const made = applications[engine](name);
    Object.assign(files, made);
    count += Object.keys(made).length;
    images.push({ name, engine });
  }
  return { files, images };
}

const engines: readonly Engine[] = ['kustomize', 'plain', 'helm'];
const teams = ['shop', 'search', 'billing', 'account', 'media', 'mail', 'data'];

const configuration = `version: 1
environments:
  ${ENVIRONMENT}:
    paths:
      - apps/*/overlays/staging/**
      - clusters/staging/**
      - charts/*/values-staging.yaml
`;

const applications: Readonly<Record<Engine, (name: string) => Record<string, string>>> = {
  kustomize: (name) => ({
    [`apps/${name}/base/kustomization.yaml`]: list('resources', ['deployment.yaml', 'service.yaml', 'config.yaml']),
    [`apps/${name}/base/deployment.yaml`]: deployment(name, `ghcr.io/acme/${name}`),
    [`apps/${name}/base/service.yaml`]: service(name),
    [`apps/${name}/base/config.yaml`]: config(name),
    [`apps/${name}/overlays/staging/kustomization.yaml`]: overlay(name, 'staging', STANDING_TAG),
    [`apps/${name}/overlays/staging/replicas.yaml`]: replicas(name, 2),
    [`apps/${name}/overlays/production/kustomization.yaml`]: overlay(name, 'production', STANDING_TAG),
    [`apps/${name}/overlays/production/replicas.yaml`]: replicas(name, 6),
  }),
  plain: (name) => ({
    [`clusters/staging/${name}/deployment.yaml`]: deployment(name, `ghcr.io/acme/${name}:${STANDING_TAG}`),
    [`clusters/staging/${name}/service.yaml`]: service(name),
    [`clusters/staging/${name}/config.yaml`]: config(name),
    [`clusters/production/${name}/deployment.yaml`]: deployment(name, `ghcr.io/acme/${name}:${STANDING_TAG}`),
    [`clusters/production/${name}/service.yaml`]: service(name),
    [`clusters/production/${name}/config.yaml`]: config(name),
  }),
  helm: (name) => ({
    [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\ntype: application\n`,
    [`charts/${name}/values.yaml`]: `replicas: 1\nimage:\n  repository: ghcr.io/acme/${name}\n  tag: ""\nport: 8080\n`,
    [`charts/${name}/values-staging.yaml`]: values(name, 2),
    [`charts/${name}/values-production.yaml`]: values(name, 6),
    [`charts/${name}/templates/deployment.yaml`]: template(name),
    [`charts/${name}/templates/service.yaml`]: service(name),
  }),
};

function list(key: string, items: readonly string[]): string {
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${key}:\n${items.map((item) => `  - ${item}\n`).join('')}`;
}

function overlay(name: string, namespace: string, tag: string): string {
  return `${list('resources', ['../../base'])}namespace: ${namespace}
patches:
  - path: replicas.yaml
images:
  - name: ghcr.io/acme/${name}
    newTag: "${tag}"
`;
}

function values(name: string, replicas: number): string {
  return `replicas: ${replicas}\nimage:\n  repository: ghcr.io/acme/${name}\n  tag: "${STANDING_TAG}"\n`;
}

function replicas(name: string, count: number): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  replicas: ${count}\n`;
}

function deployment(name: string, image: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: &labels
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/managed-by: gitops
spec:
  replicas: 1
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels: *labels
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: ${name}
          image: ${image} # kept by the release process
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: ${name}
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
`;
}

function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}

function config(name: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  LOG_LEVEL: info
  UPSTREAM: http://${name}.internal:8080
  FEATURES: checkout,search,recommendations
`;
}

function template(name: string): string {
  return deployment(name, '{{ .Values.image.repository }}:{{ .Values.image.tag }}').replace(
    'replicas: 1',
    'replicas: {{ .Values.replicas }}',
  );
}
