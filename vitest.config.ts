import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    // Most tests wait for a database or a process more than they compute; vitest's own choice on two cores is one.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'architecture',
          include: ['test/architecture.test.ts'],
        },
      },
      {
        test: {
          name: 'pure',
          include: ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'services',
          include: ['test/contract/**/*.test.ts', 'test/flow/**/*.test.ts', 'test/security/**/*.test.ts'],
          globalSetup: ['test/support/services.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Minutes of waiting for what was killed: npm run chaos:short, and not npm test.
        test: {
          name: 'chaos',
          include: ['test/chaos/*.test.ts'],
          globalSetup: ['test/support/services.ts'],
        },
      },
      {
        // The HubSpot connector once more, over the dated paths that replace v3 and v4.
        test: {
          name: 'hubspot-2026-09',
          include: ['test/contract/hubspot-*.test.ts'],
          exclude: ['test/contract/hubspot-sandbox*.test.ts'],
          env: { HUBSPOT_TEST_VERSION: '2026-09' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
