import { inject } from "vitest"

// The module that Vitest runs last: suites that judge what all other scenarios left behind (catalogue.ts, lastSuites).
for (const path of inject("suitesAtTheEnd")) await import(/* @vite-ignore */ path)
