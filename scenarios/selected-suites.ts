import { inject } from "vitest"

// The module that Vitest runs first: it loads the selected suites, so that the scenarios of all of them share one limit and
// run side by side. File after file, each would wait for the slowest scenario of the one before.
for (const path of inject("suites")) await import(/* @vite-ignore */ path)
