import { eventually } from "../lab/eventually.ts"
import type { Letter, Mail } from "./letter.ts"
import type { Scene } from "./scene.ts"
import type { Services } from "./services.ts"
import { expect } from "./test.ts"
import { whileDown } from "./while-down.ts"

/** A process of Postfix leaves a database that failed alone for a minute (mysql_table(5): always so until 3.9, its default since); with room. */
const comesAgainMsMax = 90_000

/** The people who run the platform: they hear of it where a message could not be resolved at its end (notify_classes). */
export const team = "ce.messagerie@education.test"

/** Somebody behind an alias of one source, an address that nobody has, a mailbox, and letters to the first two. */
export interface AliasCast { known: string; target: string; unknown: string; mailbox: string; letters: Letter[] }

/** A cast whose alias the directory keeps, and one whose alias the database keeps. */
export async function castOf(scene: Scene): Promise<{ directory: AliasCast; database: AliasCast }> {
  const { directory, mariadb } = scene.services
  const [first, second] = scene.people("ac-nantes.test", 2).map(({ address }) => address)
  const owner = await scene.office("ce.elections")
  const cast = (source: string, target: string): AliasCast => {
    const [known, unknown] = [scene.address(`${source}-connue`), scene.address(`${source}-inconnue`)]
    return { known, target, unknown, mailbox: owner.address, letters: [known, unknown].map((to) => ({ from: scene.stranger(), to: [to] })) }
  }
  const casts = { directory: cast("annuaire", first!), database: cast("base", second!) }
  await directory.createAlias({ addresses: [casts.directory.known], targets: [first!] })
  await mariadb.createAlias(casts.database.known, second!)
  return casts
}

/** Sends a letter again and again, as mail servers do with what was put off, until it is taken. */
export async function untilTaken(scene: Scene, letter: Letter, id = scene.nextId()): Promise<Mail> {
  return eventually("what was put off is taken when it comes again", async () => {
    const mail = await scene.send(letter, id)
    return mail.accepted.length === letter.to.length ? mail : undefined
  }, { withinMs: comesAgainMsMax, everyMs: 2_000 })
}

/**
 * The edge's processes begin anew. Each that saw the database fail leaves it alone for a minute of its own, so that for so
 * long who comes is taken by one and put off by the next.
 */
export async function edgeForgets({ postfix }: Services): Promise<void> {
  await postfix.run(["postfix", "reload"])
}

/**
 * While the source is missing its address and an unknown one are put off, and nobody is told that either does not exist;
 * once it is back, they are what they were, and what comes again arrives once. `taken` is called when it was taken.
 */
export async function putsOff(
  scene: Scene, { known, unknown, target, letters }: AliasCast, down: () => Promise<void>, up: () => Promise<void>,
  taken: () => Promise<void> = async () => undefined,
): Promise<void> {
  const mails = await whileDown(down, up, () => Promise.all(letters.map((letter) => scene.send(letter))))

  for (const mail of mails) expect(mail).toHaveBeenPutOff()
  const again = await untilTaken(scene, letters[0]!, mails[0]!.id).finally(taken)
  const refused = await scene.send(letters[1]!)
  await expect(again, `${known} arrives once`).toHaveReachedExactly(scene, [target])
  expect(refused, `${unknown} is nobody`).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
  await expect(mails[1]!).toHaveReachedExactly(scene, [])
  await expect(scene).toHaveTouchedNobodyBut([target, team])
}
