import type { NodeState } from "./lab-observer.ts"

/** State of a node, by sign and word: never by its colour alone. */
export const stateSigns: Readonly<Record<NodeState, string>> = { running: "●", unhealthy: "▲", frozen: "◊", stopped: "■", gone: "×" }

/** Words of the page and of `lab status`. */
export const mapWords = {
  fr: {
    states: { running: "en marche", unhealthy: "muet", frozen: "figé", stopped: "arrêté", gone: "disparu" },
    colon: " : ", kind: "Maquette de laboratoire", skip: "Aller à la carte", outside: "dehors", outsideLong: "Le monde autour de la plateforme",
    map: "Carte", hint: "Choisir un serveur sur la carte ou dans la liste montre ses ports, ses réglages et son journal.",
    release: "version", since: "depuis", run: "exécution", live: "en direct", seen: "vu à", lost: "plus de nouvelles du laboratoire : ce qui suit est ancien",
    waiting: "en attente des premières nouvelles", waitingMail: (count: number) => `${count} en file`,
    servers: "Serveurs", server: "serveur", component: "composant", state: "état", address: "adresse", queue: "file", none: "vide", noQueue: "sans file", unknownQueue: "inconnue",
    flows: "Flux prévus", from: "de", to: "vers", port: "port", what: "objet",
    ways: "Entrer", web: "Interface web", noWeb: "Cette plateforme n'a pas d'interface web.", mail: "Client de messagerie", login: "compte", password: "mot de passe",
    passwordWhere: "affiché par", imap: "lecture (IMAP)", submission: "envoi (soumission)", host: "hôte", tls: { implicit: "TLS dès l'ouverture", starttls: "STARTTLS" },
    certificate: "nom du certificat", authority: "autorité du laboratoire", shell: "Interpréteur de commandes", published: "ports publiés sur cette machine", notPublished: "aucun port publié",
    log: "dernières lignes du journal", noLog: "le journal est vide", browser: "ouvrir sous son nom, sans toucher à cette machine", close: "fermer", gateway: "passerelle", uses: "pour", noMail: "Cette plateforme n'a pas de boîte à lire.",
    mapText: "Serveurs et flux prévus ; la liste et le tableau plus bas disent la même chose en texte",
  },
  en: {
    states: { running: "running", unhealthy: "silent", frozen: "frozen", stopped: "stopped", gone: "gone" },
    colon: ": ", kind: "Mock-up lab", skip: "Skip to the map", outside: "outside", outsideLong: "The world around the platform",
    map: "Map", hint: "Choosing a server on the map or in the list shows its ports, its settings and its log.",
    release: "release", since: "since", run: "run", live: "live", seen: "seen at", lost: "no news from the lab any more: what follows is old",
    waiting: "waiting for the first news", waitingMail: (count: number) => `${count} queued`,
    servers: "Servers", server: "server", component: "component", state: "state", address: "address", queue: "queue", none: "empty", noQueue: "no queue", unknownQueue: "unknown",
    flows: "Flows as meant", from: "from", to: "to", port: "port", what: "what",
    ways: "Ways in", web: "Web interface", noWeb: "This platform has no web interface.", mail: "Mail client", login: "account", password: "password",
    passwordWhere: "shown by", imap: "reading (IMAP)", submission: "sending (submission)", host: "host", tls: { implicit: "TLS from the start", starttls: "STARTTLS" },
    certificate: "certificate's name", authority: "the lab's authority", shell: "Shell", published: "ports published on this machine", notPublished: "no port is published",
    log: "last lines of the log", noLog: "the log is empty", browser: "open under its own name, without touching this machine", close: "close", gateway: "gateway", uses: "for", noMail: "This platform has no mailbox to read.",
    mapText: "Servers and flows as meant; the list and the table below say the same in text",
  },
} as const

export type MapWords = (typeof mapWords)["fr"] | (typeof mapWords)["en"]
