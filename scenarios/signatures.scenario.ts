import { copiesOf } from "./copies.ts"
import { proofOf } from "./mail-proof.ts"
import { SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// What receivers can prove of the platform's mail, by a verifier of their own (mailauth), with the lab's DNS.

const alteredOnce = (raw: Buffer) => Buffer.from(raw.toString("latin1").replace("Bonjour", "Bonsoir"), "latin1")

test("what an account sends out carries a signature that is valid and aligned with its From",
  { meta: { requirements: ["SPM-15"] } }, async ({ scene, lab }) => {
    const keyBitsMin = await scene.bound("SPM-15", "keyBitsCountMin")
    const sender = await scene.office("ce.dgrh")
    const [agent] = scene.people("ac-nantes.test")
    const mail = await scene.send({ from: sender, to: [agent!.address] })
    await scene.awaitCopies(mail.id, [agent!.address])
    const [copy] = await copiesOf(lab, mail.id)
    const raw = await copy!.raw()
    const { address: ip, hostname: helo } = lab.postfix.node

    const proof = await proofOf(lab, raw, { ip, helo, sender: sender.address })
    const altered = await proofOf(lab, alteredOnce(raw), { ip, helo, sender: sender.address })
    const stolen = await proofOf(lab, alteredOnce(raw), { ip: lab.internet.node.address, helo: "mx.internet.test", sender: sender.address })

    expect(proof.spf && proof.spf.status.result).toBe("pass")
    const own = proof.dkim.results.filter(({ signingDomain }) => signingDomain === "education.test")
    expect(own.map(({ status }) => status.result)).toEqual(["pass"])
    expect(own[0]!.modulusLength).toBeGreaterThanOrEqual(keyBitsMin)
    expect(proof.dmarc && proof.dmarc.status.result).toBe("pass")
    expect(proof.dmarc && proof.dmarc.alignment.dkim.result).toBe("education.test")
    expect(altered.dkim.results.map(({ status }) => status.result), "an altered text").not.toContain("pass")
    expect(stolen.dmarc && stolen.dmarc.status.result, "an altered text from elsewhere").toBe("fail")
  })

test("each copy of a list carries the list's signature, valid and aligned with the From of its author",
  { meta: { requirements: ["SPM-16"] } }, async ({ lab, distribution }) => {
    const { copies, list } = await distribution()
    const { address: ip, hostname: helo } = lab.postfix.node
    const outside = copies.filter(({ place }) => place !== "mailbox")

    const proofs = await Promise.all(outside.map(async (copy) =>
      proofOf(lab, await copy.raw(), { ip, helo, sender: copy.sender ?? "" })))

    expect(proofs.length).toBeGreaterThan(0)
    for (const proof of proofs) {
      expect(proof.dkim.results.find(({ signingDomain }) => signingDomain === list.address.split("@")[1])?.status.result).toBe("pass")
      expect(proof.spf && proof.spf.status.result).toBe("pass")
      expect(proof.dmarc && proof.dmarc.status.result).toBe("pass")
    }
  })

test("a message that an alias leads to an academy keeps its author's signature and carries our seal",
  { meta: { requirements: ["SPM-17"] } }, async ({ scene, lab }) => {
    const [agent] = scene.people("ac-toulouse.test")
    const alias = scene.address("service")
    await lab.mariadb.createAlias(alias, agent!.address)
    const sender = await SendingDomain.make(scene, "auteur", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=reject", signs: true })
    const { address: ip, hostname: helo } = lab.postfix.node

    const { id } = await sender.send({ to: [alias] })
    await scene.awaitCopies(id, [agent!.address])
    const [copy] = await copiesOf(lab, id)
    const raw = await copy!.raw()
    const proof = await proofOf(lab, raw, { ip, helo, sender: sender.author })
    const altered = await proofOf(lab, alteredOnce(raw), { ip, helo, sender: sender.author })

    expect(proof.dkim.results.find(({ signingDomain }) => signingDomain === sender.name)?.status.result).toBe("pass")
    expect(proof.dmarc && proof.dmarc.status.result).toBe("pass")
    expect(proof.arc && proof.arc.i).toBe(1)
    expect(proof.arc && proof.arc.status.result).toBe("pass")
    expect(proof.arc && JSON.stringify(proof.arc.authenticationResults)).toContain("pass")
    expect(altered.arc && altered.arc.status.result).toBe("fail")
  })
