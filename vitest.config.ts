import { configDefaults, defineConfig } from 'vitest/config';

/** Long, and only by hand: see CONTRIBUTING.md. */
const ordeals = process.env['TAGALONG_KILLS'] === undefined ? ['test/end-to-end/kill-steered.test.ts'] : [];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...ordeals],
    setupFiles: ['test/support/properties.ts'],
    // Most tests wait for disks and other processes, so every core is put to work.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
