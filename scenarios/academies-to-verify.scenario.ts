import { academiesToVerify, type Academy } from "../fixtures/academies.ts"
import { eventually } from "../lab/eventually.ts"
import type { Behaviour } from "../lab/world/behaviour.ts"
import { copiesOf } from "./copies.ts"
import type { Mail } from "./letter.ts"
import { deliveryMsMax, type Scene } from "./scene.ts"
import { expect, test } from "./test.ts"

// Mail to the academies: only to a server that is verified where that is declared, wherever possible encrypted elsewhere.

const withoutTls: Readonly<Record<string, Behaviour>> = {
  "offers no TLS": { withoutExtensions: ["STARTTLS"] },
  "refuses to start TLS": { startTls: { code: 454, enhanced: "4.7.0", text: "TLS not available" } },
  "speaks TLS 1.1 at most": { tlsVersionMax: "TLSv1.1" },
}
const untrusted: Readonly<Record<string, Behaviour>> = {
  "shows an expired certificate": { certificate: "expired" },
  "shows an unknown authority's certificate": { certificate: "unknown-authority" },
  "shows an incomplete chain": { certificate: "incomplete-chain" },
}
const misnamed: Readonly<Record<string, Behaviour>> = {
  "shows a certificate in another's name": { certificate: "other-name" },
}

/** To each academy to verify, under each defect: a message waits, and arrives encrypted once the defect is gone. */
async function waitsUnder(defects: typeof withoutTls, scene: Scene): Promise<void> {
  const sender = await scene.office("ce.dsi")
  const academies = await scene.academies(academiesToVerify.length, academiesToVerify)
  const delivered: { mail: Mail; agent: string }[] = []

  await Promise.all(academies.map(async (academy) => {
    for (const [defect, behaviour] of Object.entries(defects)) {
      const [agent] = scene.people(academy.domain).map(({ address }) => address)
      await scene.services.academies.behave(academy.domain, behaviour)
      const mail = await scene.send({ from: sender, to: [agent!] })
      await tried(mail, scene)
      expect(await copiesOf(scene.services, mail.id), `mx.${academy.domain} ${defect}`).toEqual([])

      await scene.services.academies.reset(academy.domain)
      await scene.services.postfix.flush()
      await scene.awaitCopies(mail.id, [agent!])
      delivered.push({ mail, agent: agent! })
      expect(await encryptedTo(academy, mail, scene), `mx.${academy.domain}, which no longer ${defect}`).toEqual([true])
    }
  }))

  for (const { mail, agent } of delivered) await expect(mail).toHaveReachedExactly(scene, [agent])
  expect(await scene.reads(sender), "nobody hears of a short delay").toEqual([])
  await expect(scene).toHaveTouchedNobodyBut(delivered.map(({ agent }) => agent))
}

/** Waits until the edge has tried to deliver it: it waits with what the server said, or has arrived. */
async function tried(mail: Mail, { services }: Scene): Promise<void> {
  await eventually(`${mail.id} was tried`, async () => {
    const waits = (await services.postfix.queue()).flatMap(({ recipients }) => recipients)
      .some(({ address, delayReason }) => mail.recipients.includes(address) && delayReason && !/temporarily suspended/.test(delayReason))
    return waits || (await copiesOf(services, mail.id)).length > 0
  }, { withinMs: deliveryMsMax })
}

/** Whether each copy at this academy came over TLS. */
async function encryptedTo({ domain }: Academy, { id }: Mail, { services }: Scene): Promise<boolean[]> {
  return (await services.academies.acceptances({ id, domain })).map(({ tls }) => tls)
}

test("an academy to verify gets its mail only over a certificate of a known authority, whole and in date, and waits until then",
  { meta: { requirements: ["SEC-44"] } }, async ({ scene }) => {
    await waitsUnder(untrusted, scene)
  })

test("an academy to verify gets its mail only from under its own name, and waits until then",
  { meta: { requirements: ["SEC-45"] } }, async ({ scene }) => {
    await waitsUnder(misnamed, scene)
  })

test("an academy to verify gets its mail never in clear nor below TLS 1.2, and waits until then",
  { meta: { requirements: ["SEC-46"] } }, async ({ scene }) => {
    await waitsUnder(withoutTls, scene)
  })

test("every other academy gets its mail encrypted where it can be, whatever its certificate, and in clear where it cannot",
  { meta: { requirements: ["SEC-47"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.communication")
    const certificates = Object.values({ ...untrusted, ...misnamed, "shows a good certificate": {} })
    const behaviours = [...certificates, ...Object.values(withoutTls)]
    const academies = await scene.academies(behaviours.length)
    await Promise.all(academies.map(({ domain }, index) => lab.academies.behave(domain, behaviours[index]!)))
    const agents = academies.map(({ domain }) => scene.people(domain)[0]!.address)

    const mail = await scene.send({ from: sender, to: agents })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, agents)
    const encrypted = await Promise.all(academies.map(async (academy) => encryptedTo(academy, mail, scene)))
    expect(encrypted).toEqual(behaviours.map((behaviour) => [certificates.includes(behaviour)]))
    expect(await scene.reads(sender)).toEqual([])
  })
