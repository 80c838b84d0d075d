import type { LabHandle } from "./handle.ts"
import type { KeptLabNote } from "./kept-labs.ts"
import { accessOf, webCommands, type LabAccess, type MailAccess } from "./lab-access.ts"
import { drawingOf } from "./map-drawing.ts"
import { markup, type Markup } from "./map-markup.ts"
import { mapWords, type MapWords } from "./map-words.ts"
import { outside } from "./platform-schema.ts"
import { worldComponents, type NodeDefinition, type PlatformDefinition } from "./platform.ts"

/** All that the page of a lab is made from. */
export interface MapSubject { note: KeptLabNote; handle: LabHandle; platform: PlatformDefinition }

/** What one part of the page is made from. */
interface Page extends MapSubject { words: MapWords; lang: "fr" | "en"; servers: NodeDefinition[]; world: NodeDefinition[]; access: LabAccess }

/** The page of a lab that is up: whole without its script, which only writes states, queues and logs into it. */
export function mapPage({ note, handle, platform }: MapSubject, lang: "fr" | "en"): string {
  const isWorld = ({ component }: NodeDefinition): boolean => worldComponents.includes(component)
  const page: Page = {
    note, handle, platform, words: mapWords[lang], lang, access: accessOf(handle, platform),
    servers: platform.nodes.filter((node) => !isWorld(node)), world: platform.nodes.filter(isWorld),
  }
  const { words } = page
  const drawn = { nodes: page.servers, flows: platform.flows }
  return markup`<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${note.name} · recette</title><link rel="icon" href="data:,"><link rel="stylesheet" href="map.css"><script src="map.js" defer></script></head>
<body><a class="skip" href="#map">${words.skip}</a>
<header><p class="kind">${words.kind}</p><h1>${note.name}</h1>
<p>${platform.summary[lang]}</p>
<dl class="facts"><div><dt>${words.release}</dt><dd>${note.release}</dd></div><div><dt>${words.since}</dt><dd><time datetime="${note.startedAt}">${note.startedAt.slice(0, 16).replace("T", " ")} UTC</time></dd></div>
<div><dt>${words.run}</dt><dd>${note.run}</dd></div><div><dt>${words.live}</dt><dd><span id="news" data-seen="${words.seen}" data-lost="${words.lost}">${words.waiting}</span></dd></div></dl>
<nav><a href="?lang=${lang === "fr" ? "en" : "fr"}" lang="${lang === "fr" ? "en" : "fr"}" hreflang="${lang === "fr" ? "en" : "fr"}">${lang === "fr" ? "English" : "Français"}</a></nav></header>
<main><p id="change" role="status" class="unseen"></p>
<section id="map" tabindex="-1" aria-labelledby="map-title"><h2 id="map-title">${words.map}</h2><p class="quiet">${words.hint}</p>
${drawingOf(drawn, "across", words)}${drawingOf(drawn, "down", words)}</section>
<div id="nodes">${page.servers.map((node) => serverPart(node, page))}${worldPart(page)}</div>
${serversTable(page)}${flowsTable(page)}${waysIn(page)}</main></body></html>
`.text
}

const pending = (name: string): Markup => markup`<span class="state" data-state-of="${name}">…</span>`

function serverPart({ name, component, hostname }: NodeDefinition, { words, handle, platform, access, lang, note }: Page): Markup {
  const ports = access.ports.filter(({ node }) => node === name)
  const mail = access.mail.filter(({ node }) => node === name)
  const flows = platform.flows.filter(({ from, to }) => from === name || to === name)
  return markup`<section class="node" id="node-${name}" aria-labelledby="title-${name}"><h3 id="title-${name}" tabindex="-1">${name}</h3>
<p>${pending(name)} <span class="detail" data-detail-of="${name}"></span></p>
<dl class="facts"><div><dt>${words.component}</dt><dd>${component}</dd></div><div><dt>${words.address}</dt><dd>${handle.nodes[name]?.address ?? ""} (${hostname})</dd></div>
<div><dt>${words.queue}</dt><dd data-queue-of="${name}">…</dd></div>
<div><dt>${words.published}</dt><dd>${ports.length === 0 ? words.notPublished : markup`<ul>${ports.map(({ service, host, port }) => markup`<li><code>${host}:${port}</code> ${service}</li>`)}</ul>`}</dd></div>
<div><dt>${words.shell}</dt><dd><code>npm run recette -- lab shell ${note.name} ${name}</code></dd></div></dl>
${flows.length === 0 ? "" : markup`<ul class="plain">${flows.map(({ from, to, port, what }) => markup`<li>${from === outside ? words.outside : from} → ${to === outside ? words.outside : to}, ${port}${words.colon}${what[lang]}</li>`)}</ul>`}
${mail.map((one) => mailPart(one, words))}
<h4 id="log-title-${name}">${words.log}</h4><pre class="log" data-log-of="${name}" data-empty="${words.noLog}" tabindex="0" role="region" aria-labelledby="log-title-${name}">…</pre></section>`
}

function worldPart({ words, world, handle }: Page): Markup {
  const rows = [...world.map(({ name, hostname }) => ({ name, place: `${handle.nodes[name]?.address ?? ""} (${hostname})` })), { name: "gateway", place: words.gateway }]
  return markup`<section class="node" id="node-${outside}" aria-labelledby="title-${outside}"><h3 id="title-${outside}" tabindex="-1">${words.outsideLong}</h3>
<ul class="plain">${rows.map(({ name, place }) => markup`<li><strong>${name}</strong> ${pending(name)} <span class="quiet">${place}</span></li>`)}</ul></section>`
}

function serversTable({ words, servers, handle }: Page): Markup {
  return markup`<section aria-labelledby="servers-title"><h2 id="servers-title">${words.servers}</h2><table><thead><tr><th scope="col">${words.server}</th><th scope="col">${words.component}</th><th scope="col">${words.state}</th><th scope="col">${words.address}</th><th scope="col">${words.queue}</th></tr></thead>
<tbody>${servers.map(({ name, component }) => markup`<tr><th scope="row"><a href="#node-${name}">${name}</a></th><td data-name="${words.component}">${component}</td><td data-name="${words.state}">${pending(name)}</td><td data-name="${words.address}">${handle.nodes[name]?.address ?? ""}</td><td data-name="${words.queue}" data-queue-of="${name}">…</td></tr>`)}</tbody></table></section>`
}

function flowsTable({ words, platform: { flows }, lang }: Page): Markup {
  const place = (name: string): string => name === outside ? words.outside : name
  return markup`<section aria-labelledby="flows-title"><h2 id="flows-title">${words.flows}</h2><table><thead><tr><th scope="col">${words.from}</th><th scope="col">${words.to}</th><th scope="col">${words.port}</th><th scope="col">${words.what}</th></tr></thead>
<tbody>${flows.map(({ from, to, port, what }) => markup`<tr><td data-name="${words.from}">${place(from)}</td><td data-name="${words.to}">${place(to)}</td><td data-name="${words.port}">${port}</td><td data-name="${words.what}">${what[lang]}</td></tr>`)}</tbody></table></section>`
}

function waysIn({ words, access, note }: Page): Markup {
  const { web, mail, logins, authorityFile } = access
  return markup`<section aria-labelledby="ways-title"><h2 id="ways-title">${words.ways}</h2>
<h3>${words.web}</h3>${web.length === 0 ? markup`<p>${words.noWeb}</p>` : web.map((one) => markup`<p><code>${one.url}</code> (${one.host}:${one.port}). ${words.browser}${words.colon}</p><pre class="command" tabindex="0">${webCommands(one, authorityFile).browser}</pre>`)}
<h3>${words.mail}</h3>${mail.length === 0 ? markup`<p>${words.noMail}</p>` : mail.map((one) => mailPart(one, words))}
<ul class="plain">${logins.map(({ address, uses }) => markup`<li>${words.login} <code>${address}</code>, ${words.uses} ${uses.map((use) => use === "imap" ? words.imap : words.submission).join(", ")}</li>`)}
${logins.length === 0 ? "" : markup`<li>${words.password}${words.colon}${words.passwordWhere} <code>npm run recette -- lab status ${note.name}</code></li>`}
<li>${words.authority}${words.colon}<code>${authorityFile}</code></li></ul></section>`
}

function mailPart({ kind, host, port, tls, certificateName }: MailAccess, words: MapWords): Markup {
  return markup`<dl class="facts"><div><dt>${words[kind]}</dt><dd><code>${host}</code>, ${words.port} <code>${port}</code></dd></div><div><dt>TLS</dt><dd>${words.tls[tls]}</dd></div><div><dt>${words.certificate}</dt><dd><code>${certificateName}</code></dd></div></dl>`
}
