import { defineConfig } from "vitest/config"

const elsewhere = ["**/node_modules/**", "results/**", "**/.recette/**"]

// The project's own tests. Scenarios are no tests of this project: scenarios/run.ts runs them, on a lab.
export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      { test: { name: "unit", include: ["**/*.test.ts"], exclude: ["**/*.live.test.ts", "**/*.long.test.ts", ...elsewhere] } },
      {
        // These start labs of their own: one file after the other, and no limit but the ones that they set.
        test: {
          name: "live", include: ["**/*.live.test.ts"], exclude: elsewhere, globalSetup: ["lab/live-seed.ts"],
          fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000,
        },
      },
      // Like them, and left out of `npm test`, which has half an hour.
      {
        test: {
          name: "long", include: ["**/*.long.test.ts"], exclude: elsewhere, globalSetup: ["lab/live-seed.ts"],
          fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000,
        },
      },
    ],
  },
})
