import { expect, inject } from "vitest"
import { eventually } from "../lab/eventually.ts"
import { claim, missedWait } from "./claims.ts"
import { treeOf, type ConfinedMail } from "./confined-application.ts"
import { ConfinedScene, keptMsMax } from "./confined-scene.ts"
import { labTest } from "./lab-test.ts"

export { expect } from "vitest"

/** The `test` of scenarios on CONFINEMENT: `lab` is the running lab, `scene` makes the messages of this scenario alone. */
export const test = labTest
  .extend("scene", ({ lab, task, record }) => new ConfinedScene(lab, { title: task.name, seed: inject("seed"), record }))

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * `await expect(mail).toHaveBeenKept(scene, copies)`: taken for every recipient; once the queue is empty, the tree of
     * the application that sent it holds that many copies, no other tree and no server outside holds any.
     */
    toHaveBeenKept(scene: ConfinedScene, copies?: number): Promise<void>
    /** `await expect(scene).toHaveStayedInside()`: no server outside has got anything of this scenario, of any kind. */
    toHaveStayedInside(): Promise<void>
  }
}

expect.extend({
  async toHaveBeenKept(mail: ConfinedMail, scene: ConfinedScene, copies = 1) {
    const tree = treeOf(mail.from)
    const wait = await missedWait(async () => {
      if (mail.accepted.length === 0) return
      await eventually(`${tree} has ${copies} copies of ${mail.id}`, async () =>
        (await scene.copies(mail)).filter(({ address }) => address === tree).length >= copies, { withinMs: keptMsMax, everyMs: 300 })
      await scene.drain()
    })
    const kept = await scene.copies(mail)
    const outside = await scene.services.internet.copiesOf(mail.id)
    const elsewhere = kept.filter(({ address }) => address !== tree)
    const inTree = kept.length - elsewhere.length
    scene.observe(`${mail.id}: ${inTree} copies in ${tree}`)
    return claim(wait === undefined && inTree === copies && elsewhere.length === 0 && outside.length === 0 && mail.refused.length === 0 && !mail.refusal, [
      `${mail.id} from <${mail.sender}> should be kept ${copies} times in ${tree} and nowhere else; it is there ${inTree} times`,
      ...elsewhere.length > 0 ? [`also in: ${elsewhere.map(({ address }) => address).join(", ")}`] : [],
      ...outside.length > 0 ? [`got out, to: ${outside.map(({ recipient, server }) => `${recipient} (${server})`).join(", ")}`] : [],
      ...mail.refused.map(({ recipient, reply }) => `refused for <${recipient}>: ${reply.code} ${reply.text}`),
      ...mail.refusal ? [`refused: ${mail.refusal.code} ${mail.refusal.text}`] : [], ...wait ? [wait] : [],
    ])
  },

  async toHaveStayedInside(scene: ConfinedScene) {
    const { internet } = scene.services
    const rows = await internet.acceptances({ sinceUs: scene.startedUs })
    const texts = await Promise.all(rows.map(async (row) =>
      [row.id, row.sender, row.recipient, row.messageId, (await internet.message(row.transaction)).toString("latin1")].join("\n")))
    const out = rows.filter((_, index) => texts[index]!.includes(scene.token))
    return claim(out.length === 0, [`Something got out: ${out.map(({ recipient, sender }) => `from <${sender}> to <${recipient}>`).join(", ")}`])
  },
})
