import { copiesOf } from "./copies.ts"
import { proofOf } from "./mail-proof.ts"
import { bodyOf, headersOf } from "./raw-message.ts"
import { SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// A list adds its footer, which breaks its author's signature, and sends from its own server: what an author's domain that
// demands rejection (DMARC, p=reject) sees of it must still pass, or the members never get it.

test("an author whose domain demands rejection reaches members aligned, and others keep their From",
  { meta: { requirements: ["SEC-01", "SEC-20"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-nantes.test", 2)
    const signed = { spf: "v=spf1 {ip} -all", signs: true }
    const [strict, lenient] = await Promise.all([
      SendingDomain.make(scene, "strict", { ...signed, dmarc: "v=DMARC1; p=reject; adkim=s; aspf=s" }),
      SendingDomain.make(scene, "souple", { ...signed, dmarc: "v=DMARC1; p=none" }),
    ])
    const authors = [{ address: strict.author }, { address: lenient.author }]
    const list = await scene.list("groupe-annuaire", { subscribed: [...members, ...authors] })
    const { address: ip, hostname: helo } = lab.postfix.node
    const copyOf = async ({ id }: { id: string }) => {
      await scene.awaitCopies(id, [...list.members])
      const copy = (await copiesOf(lab, id)).find(({ recipient }) => recipient === members[0]!.address)!
      const raw = await copy.raw()
      return { raw, sender: copy.sender!, from: headersOf(raw).from, proof: await proofOf(lab, raw, { ip, helo, sender: copy.sender! }) }
    }

    const [protectedCopy, otherCopy] = [await copyOf(await strict.send({ to: [list.address] })), await copyOf(await lenient.send({ to: [list.address] }))]
    const asWritten = Buffer.from(protectedCopy.raw.toString("latin1").replace(/^From: .*(\r?\n[ \t].*)*/m, `From: ${strict.author}`), "latin1")
    const unprotected = await proofOf(lab, asWritten, { ip, helo, sender: protectedCopy.sender })

    expect(bodyOf(protectedCopy.raw), "the footer").toContain("listes.education.test/sympa/my")
    expect(protectedCopy.from).toContain(`<${list.address}>`)
    expect(protectedCopy.proof.dmarc && protectedCopy.proof.dmarc.status.result).toBe("pass")
    expect(headersOf(protectedCopy.raw)["reply-to"], "answers go to the author").toContain(strict.author)
    expect(unprotected.dmarc && unprotected.dmarc.status.result, "with the author's own From").toBe("fail")
    expect(otherCopy.from).toContain(`<${lenient.author}>`)
    expect(otherCopy.proof.spf && otherCopy.proof.spf.status.result).toBe("pass")
  })
