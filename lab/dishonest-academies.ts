import type { LabHandle } from "./handle.ts"
import type { Dishonesty, Planted } from "./world/dishonesty.ts"
import { WorldControl } from "./world-control.ts"

/**
 * Lets the academies' record of a load lie, so that a test sees whether those who judge the load notice. For tests alone
 * (tidy.test.ts): a lab that lies proves nothing of a platform.
 */
export class DishonestAcademies {
  private readonly control: WorldControl
  constructor({ gateway }: LabHandle, name = "academies") {
    this.control = new WorldControl({ host: "127.0.0.1", port: gateway.ports[`${name}.control`]! }, name)
  }

  /** From the next copy on; counts begin anew. */
  async lie(ways: Dishonesty): Promise<void> {
    await this.control.json("PUT", "/dishonesty", ways)
  }

  /** Ends the lies and says what was planted. */
  async beHonest(): Promise<Planted> {
    return this.control.json("DELETE", "/dishonesty")
  }
}
