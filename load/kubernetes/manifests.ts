import type { LoadProfile } from "../load-profile.ts"

/** Where things lie in a pod: the volume layout. The first is the operator's own choice for a volume claim. */
export const layout = { script: "/test", ledger: "/ledger", authority: "/recette/tls" } as const

export interface ManifestOrder {
  profile: LoadProfile
  /** Pods, each with its share. */
  generators: number
  /** Name of the image that Containerfile makes, as the cluster pulls it. */
  image: string
  /** First part of the ids of all messages, and mark of all names. */
  run: string
  /** The platform's edge: host and port of submission. */
  edge: { EDGE: string; SUBMISSION: string }
}

/** Messages beyond those asked for, in each pod. */
const messagesSpare = 100

export function namesOf({ name }: LoadProfile): { testRun: string; files: string; ledger: string; authority: string } {
  return { testRun: `recette-${name}`, files: `recette-${name}-files`, ledger: `recette-${name}-ledger`, authority: "recette-authority" }
}

/** A TestRun of the k6 operator (testrun.schema.json): the operator gives each pod its execution segment, and has all begin together. */
export function testRun({ profile, generators, image, run, edge }: ManifestOrder): object {
  const { testRun: name, files, ledger, authority } = namesOf(profile)
  const messages = profile.streams.reduce((total, stream) => total + stream.messages, 0)
  const env: Record<string, string> = {
    ...edge, RUN: run, NAMES_BELOW: "lab.test", SECONDS_MAX: String(Math.ceil(profile.sendMsMax / 1_000)), K6_MAIL_MESSAGES_MAX: String(messages + messagesSpare),
    // The operator looks at the script by k6 archive first, which gives it no environment unless it is told to.
    K6_INCLUDE_SYSTEM_ENV_VARS: "true",
  }
  return {
    apiVersion: "k6.io/v1alpha1", kind: "TestRun", metadata: { name },
    spec: {
      parallelism: generators, separate: true,
      script: { volumeClaim: { name: files, file: `${profile.name}.k6.ts`, readOnly: true } },
      runner: {
        image, env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
        volumes: [
          { name: "ledger", persistentVolumeClaim: { claimName: ledger } }, { name: "authority", configMap: { name: authority } },
        ],
        volumeMounts: [
          { name: "ledger", mountPath: layout.ledger }, { name: "authority", mountPath: layout.authority, readOnly: true },
        ],
      },
    },
  }
}

/** Claims of the two volumes: pods on several nodes read the one and write the other. */
export function volumeClaims({ profile }: Pick<ManifestOrder, "profile">, bytesPerMessage = 400): object[] {
  const { files, ledger } = namesOf(profile)
  const messages = profile.streams.reduce((total, stream) => total + stream.messages, 0)
  const claim = (name: string, mib: number) => ({
    apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name },
    spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: `${mib}Mi` } } },
  })
  // A row of the send log takes 131 bytes (load/SCALE.md); thrice that for refusals and what a longer address takes.
  return [claim(files, 256), claim(ledger, 256 + Math.ceil(messages * bytesPerMessage / 2 ** 20))]
}
