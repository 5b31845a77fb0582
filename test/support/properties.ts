import fc from 'fast-check';

/**
 * Examples per property, where the property does not say. More than the default is for hunting:
 * `PROPERTY_RUNS=20000 npm test -- test/markdown --testTimeout 600000`.
 */
fc.configureGlobal({ numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) });
