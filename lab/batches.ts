/** The same in their order, so many at a time; the last batch may have fewer. Takes no more than a batch ahead. */
export function* inBatches<One>(all: Iterable<One>, each: number): Generator<One[]> {
  let batch: One[] = []
  for (const one of all) {
    batch.push(one)
    if (batch.length < each) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** What `make` makes of each, when it is asked for and as often as it is. */
export function mapped<One, Other>(all: Iterable<One>, make: (one: One) => Other): Iterable<Other> {
  return { *[Symbol.iterator]() { for (const one of all) yield make(one) } }
}
