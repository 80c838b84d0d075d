import { defineConfig } from "vitest/config"

// The project's own tests, without a container engine. Scenarios are run by scenarios/run.ts, on a lab.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/*.live.test.ts", "**/node_modules/**", "results/**", "**/.recette/**"],
    allowOnly: false,
  },
})
