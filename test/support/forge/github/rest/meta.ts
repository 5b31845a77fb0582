import { operation } from './operation.ts';

export const metaOperations = [
  operation('meta/get', 'anyone', () => ({ status: 200, body: { verifiable_password_authentication: false } })),
  operation('rate-limit/get', 'anyone', ({ services, credentials }) => {
    const core = services.rateLimits.status(credentials);
    const graphql = services.rateLimits.status(credentials, 'graphql');
    return { status: 200, body: { resources: { core, graphql, search: core }, rate: core } };
  }),
];
