import { layout, namesOf, type ManifestOrder } from "./manifests.ts"

/** README.md beside the manifests: how they are used, and where things lie. */
export function guide({ profile, generators, image, run, edge, lang }: ManifestOrder & { lang: "fr" | "en" }): string {
  const { testRun, files, ledger, authority } = namesOf(profile)
  const steps = [
    `podman build --tag ${image} image && podman push ${image}`,
    "kubectl apply --filename volumes.yaml",
    `kubectl create configmap ${authority} --from-file=ca.pem`,
    `kubectl cp files/. <pod with ${files}>:${layout.script}/`,
    "kubectl apply --filename testrun.yaml",
    `kubectl wait --for=jsonpath='{.status.stage}'=finished --timeout=${Math.ceil(profile.sendMsMax / 1_000)}s testrun/${testRun}`,
    `kubectl cp <pod with ${ledger}>:${layout.ledger}/. ledger/`,
  ]
  const tree = [
    `${layout.script}/            ${files}: files/, read by every pod`,
    `${layout.authority}/ca.pem   ${authority}`,
    `${layout.ledger}/            ${ledger}: written by every pod, a folder each`,
    ...Array.from({ length: Math.min(generators, 3) }, (_, index) => `  ${testRun}-${index + 1}/  submissions-*.parquet, refusals-*.parquet, summary.json`),
  ]
  const say = lang === "fr" ? french : english
  return `# ${testRun}

${say.what(profile.name, generators)}

## ${say.howTitle}
${say.how(edge.EDGE, run)}

\`\`\`sh
${steps.join("\n")}
\`\`\`

## ${say.layoutTitle}
\`\`\`
${tree.join("\n")}
\`\`\`

${say.ledger(testRun)}
`
}

const english = {
  what: (profile: string, generators: number) => `The load ${profile}, sent by ${generators} pods of the k6 operator, each its execution segment. Made for TestRun k6.io/v1alpha1; not tried on a cluster.`,
  howTitle: "How",
  how: (edge: string, run: string) => `1. The platform must have what platform.json names (mailboxes with their passwords, lists with their members); all names carry \`${run}\`.
2. In testrun.yaml, EDGE (${edge}) and SUBMISSION are the platform's edge: change them where it has another name. The namespace must let nothing out but to it: a NetworkPolicy is the cluster's own matter, and the laboratory's proof of isolation does not reach there.
3. ca.pem is the authority of the edge's certificate. Build with any builder that takes a Containerfile.`,
  layoutTitle: "Volumes",
  ledger: (name: string) => `A log under its final name (without .part) is whole. The ledger takes one writer for each pod (\`${name}-1\` and so on), and what each counted from its summary.json; one that is missing or not ended leaves no conclusion.`,
}

const french: typeof english = {
  what: (profile, generators) => `La charge ${profile}, envoyée par ${generators} pods du k6 operator, chacun son segment d'exécution. Écrit pour TestRun k6.io/v1alpha1 ; non essayé sur un cluster.`,
  howTitle: "Comment faire",
  how: (edge, run) => `1. La plate-forme doit avoir ce que nomme platform.json (boîtes et mots de passe, listes et membres) ; tous les noms portent \`${run}\`.
2. Dans testrun.yaml, EDGE (${edge}) et SUBMISSION désignent l'entrée de la plate-forme : à changer si elle porte un autre nom. L'espace de noms ne doit rien laisser sortir que vers elle : une NetworkPolicy est l'affaire du cluster, et la preuve d'isolation du laboratoire ne va pas jusque-là.
3. ca.pem est l'autorité du certificat de cette entrée. Tout constructeur d'images qui lit un Containerfile convient.`,
  layoutTitle: "Volumes",
  ledger: (name) => `Un journal sous son nom définitif (sans .part) est entier. Le grand livre prend un rédacteur par pod (\`${name}-1\`, etc.), et ce que chacun a compté dans son summary.json ; s'il en manque un, ou s'il n'est pas terminé, il ne conclut pas.`,
}
