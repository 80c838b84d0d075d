// Writes what the lab says into the page. Everything is written as text: nothing that a log or a server says becomes markup.
const all = (selector) => [...document.querySelectorAll(selector)]
const news = document.getElementById("news")
const change = document.getElementById("change")
const lostAfterMs = 7_000
const states = new Map()
let seenMs = 0

const write = (element, text) => {
  if (element && element.textContent !== text) element.textContent = text
}

function show({ at, nodes }) {
  seenMs = performance.now()
  news.classList.remove("lost")
  write(news, `${news.dataset.seen} ${at} UTC`)
  const changed = []
  for (const [name, { state, text, detail, queue, queueShort }] of Object.entries(nodes)) {
    for (const box of all(`[data-node="${name}"]`)) {
      box.dataset.state = state
      write(box.querySelector(".state"), text)
      write(box.querySelector(".queue"), queueShort)
    }
    for (const one of all(`[data-state-of="${name}"]`)) {
      one.dataset.state = state
      write(one, text)
    }
    for (const one of all(`[data-detail-of="${name}"]`)) write(one, detail)
    for (const one of all(`[data-queue-of="${name}"]`)) write(one, queue)
    if (states.has(name) && states.get(name) !== state) changed.push(`${name} ${text}`)
    states.set(name, state)
  }
  for (const arrow of all(".arrow")) {
    const broken = [arrow.dataset.from, arrow.dataset.to].some((end) => end !== "outside" && states.has(end) && states.get(end) !== "running")
    arrow.classList.toggle("broken", broken)
  }
  if (changed.length > 0) write(change, changed.join(", "))
}

/** Shows the part of the node that the address names, and no other one. */
function choose({ moveFocus }) {
  const chosen = location.hash.slice(1)
  for (const part of all("#nodes > .node")) part.hidden = part.id !== chosen
  for (const link of all('a[href^="#node-"]')) {
    if (link.getAttribute("href") === `#${chosen}`) link.setAttribute("aria-current", "true")
    else link.removeAttribute("aria-current")
  }
  if (moveFocus) document.querySelector("#nodes > .node:not([hidden]) h3")?.focus()
  void readLog()
}

async function readLog() {
  const log = document.querySelector("#nodes > .node:not([hidden]) .log")
  if (!log) return
  const answer = await fetch(`log/${log.dataset.logOf}`).catch(() => undefined)
  if (!answer?.ok) return
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 8
  write(log, (await answer.text()) || log.dataset.empty)
  if (atEnd) log.scrollTop = log.scrollHeight
}

new EventSource(`events?lang=${document.documentElement.lang}`).onmessage = ({ data }) => {
  show(JSON.parse(data))
  void readLog()
}
setInterval(() => {
  if (performance.now() - seenMs < lostAfterMs) return
  news.classList.add("lost")
  if (seenMs > 0) write(news, news.dataset.lost)
}, 1_000)
addEventListener("hashchange", () => choose({ moveFocus: true }))
choose({ moveFocus: false })
