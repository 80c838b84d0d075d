/** Runs `during` while a component is down, and puts it back whatever happens. */
export async function whileDown<T>(down: () => Promise<void>, up: () => Promise<void>, during: () => Promise<T>): Promise<T> {
  await down()
  return during().finally(up)
}
