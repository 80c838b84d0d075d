/** Outputs of `postconf -n`, `postconf -M` and `postconf -P`. */
export interface PostconfOutputs { main: string; services: string; parameters: string }

/**
 * One table of settings: `name` for main.cf, `service/type` for a line of master.cf (its other six columns and its
 * options), `service/type/name` for a parameter given there with `-o`. White space is joined to single spaces.
 */
export function parsePostconf({ main, services, parameters }: PostconfOutputs): Record<string, string> {
  return Object.fromEntries([
    ...logicalLines(main).map(nameAndValue),
    ...logicalLines(services).map((line): [string, string] => {
      const [service, type, ...columns] = line.split(" ")
      return [`${service}/${type}`, columns.join(" ")]
    }),
    ...logicalLines(parameters).map(nameAndValue),
  ])
}

/** A line that starts with white space continues the one before (postconf(5)). */
function logicalLines(output: string): string[] {
  return output.replaceAll(/\n[ \t]+/g, " ").split("\n").map((line) => line.trim().replaceAll(/\s+/g, " ")).filter(Boolean)
}

function nameAndValue(line: string): [string, string] {
  const equals = line.indexOf("=")
  return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()]
}
