# syntax=docker/dockerfile:1

ARG NODE_VERSION=24
ARG GO_VERSION=1.26

# helm and kustomize from source: the sums are those of Go's checksum database, so they hold for every platform.
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS tools
ARG TARGETOS
ARG TARGETARCH
ARG HELM_VERSION=v3.21.4
ARG HELM_SUM=h1:T/GcIEXU/gNjJnkITlIZ3e9xqkZjhFTmISuStTZ6+Qg=
ARG KUSTOMIZE_VERSION=v5.8.1
ARG KUSTOMIZE_SUM=h1:Pgsg5psubpVEy7Nf6S89PARg5VmmWUC1l9dC6Dl4PG0=
ENV CGO_ENABLED=0
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN go mod download -json "helm.sh/helm/v3@${HELM_VERSION}" | grep -F "\"Sum\": \"${HELM_SUM}\"" \
 && go mod download -json "sigs.k8s.io/kustomize/kustomize/v5@${KUSTOMIZE_VERSION}" | grep -F "\"Sum\": \"${KUSTOMIZE_SUM}\""
RUN GOOS=${TARGETOS} GOARCH=${TARGETARCH} go install -trimpath -ldflags='-s -w' \
      "helm.sh/helm/v3/cmd/helm@${HELM_VERSION}" \
 && GOOS=${TARGETOS} GOARCH=${TARGETARCH} go install -trimpath -ldflags='-s -w' \
      "sigs.k8s.io/kustomize/kustomize/v5@${KUSTOMIZE_VERSION}" \
 && mkdir /out \
 && find /go/bin -type f \( -name helm -o -name kustomize \) -exec mv {} /out/ \;

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build \
 && npm ci --omit=dev --ignore-scripts

FROM node:${NODE_VERSION}-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git tini \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node /data
COPY --from=tools /out/ /usr/local/bin/
WORKDIR /app
COPY --from=build /app/package.json /app/app.yml ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY scripts/healthcheck.mjs ./healthcheck.mjs
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 TAGALONG_DATA=/data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["node", "healthcheck.mjs"]
ENTRYPOINT ["tini", "--", "node", "dist/src/cli.js"]
CMD ["serve"]
