import { createHash } from "node:crypto"
import { html, Markup, type Fragment } from "./markup.ts"
import { pageStyle } from "./page-style.ts"
import type { Language } from "./result-shapes.ts"

/** A whole page: one file without scripts or outside parts, behind a policy that allows none. */
export function pageDocument({ title, lang, body }: { title: string; lang: Language; body: Fragment }): string {
  const styleHash = createHash("sha256").update(pageStyle).digest("base64")
  const policy = new Markup(`default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`)
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
${body}</body>
</html>
`.text
}
