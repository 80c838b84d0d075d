import { fates } from "./ledger-summary.ts"

// The queries of a batch: messages whose ids are neighbours, so that every acceptance belongs to one batch. All of them
// read the tables that plan.ts makes.

export interface BatchRange { batch: number; firstId: string; lastId: string; messages: number }

/** Where the contents of the files stand: arguments of read_parquet(). */
export interface BatchSources { acceptances: string; expected: string }

/**
 * One sum instead of four makes a batch a third cheaper. It holds how often a recipient is expected (6 bits), and its
 * copies, answered copies and altered copies (19 bits each, so half a million of one message to one recipient).
 */
const shifts = { wanted: 0, copies: 6, answered: 25, altered: 44 } as const

function unit(fact: keyof typeof shifts): string {
  return `${1n << BigInt(shifts[fact])}`
}
function unpacked(fact: keyof typeof shifts): string {
  return `((facts >> ${shifts[fact]}) & ${fact === "wanted" ? 0x3f : 0x7ffff})::integer`
}

/** Longer than any latency, later than any time: stands for what never came, so that it sorts behind all that did. */
const never = "9000000000000000000"

/** Everything that is known of each (message, recipient), in one row: who must get it, and what came. */
function evidence({ batch, firstId, lastId }: { batch: number; firstId: string; lastId: string }, files: BatchSources): string {
  return `
    here as (select * from message where batch = ${batch}),
    wanted_of_lists as (
      select n, recipient
      from here join read_parquet(${files.expected}) using (audience)
      where not direct and started_us >= since_us and started_us < until_us),
    places as (
      select n, audience, started_us, ((recipient_first::bigint + unnest(range(recipients))) % size)::integer as place
      from here where direct),
    wanted_of_people as (
      select n, recipient
      from places join read_parquet(${files.expected}) using (audience, place)
      where started_us >= since_us and started_us < until_us),
    arrivals as (
      select n, recipient, answered, received_us, arrival.content <> here.content as altered
      from (select id, recipient, answered, received_us, content from read_parquet(${files.acceptances})
            where id between ${firstId} and ${lastId}) as arrival
      join here using (id)),
    evidence as (
      select n, recipient, 1::bigint as facts, ${never} as received_us from wanted_of_lists
      union all
      select n, recipient, 1, ${never} from wanted_of_people
      union all
      select n, recipient, ${unit("copies")} + if(answered, ${unit("answered")}, 0) + if(altered, ${unit("altered")}, 0), received_us
      from arrivals),
    pair as (
      select n, recipient, sum(facts)::bigint as facts, min(received_us) as earliest_us from evidence group by n, recipient)`
}

/** Table `fate`: one row for each recipient of the batch's messages, with exactly one fate. */
export function fateTable(range: BatchRange & { firstId: string; lastId: string }, files: BatchSources): string {
  return `
    create or replace temp table fate as with ${evidence(range, files)},
    known as (
      select n, recipient, flow, started_us, intended_us, ${unpacked("wanted")} as wanted, ${unpacked("copies")} as copies,
        ${unpacked("answered")} as answered, ${unpacked("altered")} > 0 as altered,
        nullif(earliest_us, ${never}) as first_us, coalesce(list_refusal, refused.class) as refusal, bounced.text as bounce
      from pair
      join here using (n)
      left join refused using (n, recipient)
      left join bounced using (n, recipient))
    select * exclude (started_us),
      case
        when wanted = 0 then 'unexpected'
        when copies > 1 then 'duplicated'
        when copies = 1 and refusal is null then 'delivered-once'
        when copies = 1 then 'recovered'
        when bounce is not null then 'bounced'
        when refusal is not null then 'refused'
        else 'lost'
      end::fate_name as fate,
      copies > 0 and (bounce is not null or coalesce(refusal in ('temporary', 'permanent'), false)) as contradicted,
      wanted > 0 and first_us < started_us as early
    from known`
}

/** Three significant digits, rounded up: `1234567` becomes `1240000`. By cases, for logarithms cost more. */
export function threeDigits(us: string): string {
  const cases = Array.from({ length: 12 }, (_, index) => 10 ** (index + 1))
    .map((step) => `when ${us} < ${step * 1_000} then (${us} + ${step - 1}) // ${step} * ${step}`)
  return `case when ${us} < 1000 then ${us} ${cases.join(" ")} end`
}

/**
 * Adds the batch to `cell`: how many recipients of a flow (one audience, one sender class) in a domain had which fate and
 * which latency, in steps of three significant digits, rounded up. Counts and quantiles of all kinds are sums over cells.
 */
export const addCells = `
  insert into cell
  select flow, split_part(recipient, '@', -1) as domain, fate, wanted > 0 as expected,
    ${threeDigits("(first_us - intended_us)")} as step_us, count(*) as recipients,
    min(first_us - intended_us) as min_us, max(first_us - intended_us) as max_us,
    count_if(altered) as altered, count_if(contradicted) as contradicted,
    sum(greatest(copies - 1, 0))::bigint as extra_copies,
    count_if(fate = 'duplicated' and answered <= 1) as duplicated_unanswered
  from fate
  group by all`

/**
 * Rows of `outcome` for a batch's messages: fates, when 50, 90, 99 and 100 % of the expected recipients had it, and what
 * the checks need.
 */
export function outcomes(batch: number): string {
  return `
  with counted as (
    select n, count_if(wanted > 0) as expected,
      ${fates.map((fate) => `count_if(fate = '${fate}') as "${fate}"`).join(", ")},
      count_if(altered) as altered, count_if(contradicted) as contradicted,
      quantile_disc(if(wanted > 0, coalesce(first_us - intended_us, ${never}), null), [0.5, 0.9, 0.99, 1]) as reached,
      sum(copies)::bigint as copies, count_if(wanted > 1) as wanted_twice, count_if(early) as early,
      count_if(wanted > 0 and refusal is not null) as refusals
    from fate group by n)
  select message.n, coalesce(expected, 0) as expected,
    ${[...fates, "altered", "contradicted", "copies", "wanted_twice", "early", "refusals"]
      .map((column) => `coalesce("${column}", 0) as "${column}"`).join(", ")},
    ${[50, 90, 99, 100].map((percent, index) => `nullif(reached[${index + 1}], ${never}) as reached_${percent}_us`).join(", ")}
  from (select n from message where batch = ${batch}) as message left join counted using (n)`
}

/** Table `offender`: the recipients that are worth a look, as they are written to `offenders-*.parquet`. */
export const offenderTable = `
  create or replace temp table offender as
  select fate, altered, contradicted, id, recipient, stream, audience, sender, copies, answered, first_us,
    message.intended_us, coalesce(refusal, 'accepted') as told, bounce
  from fate join message using (n)
  where fate <> 'delivered-once' or altered or contradicted`

/** Adds the batch's first of each offence to `example`. */
export function addExamples(examplesMax: number): string {
  return `
    insert into example
    with named as (
      select unnest([fate::varchar, if(altered, 'altered', null), if(contradicted, 'contradicted', null)]) as offence, *
      from offender)
    select * from named where offence is not null and offence <> 'delivered-once'
    qualify row_number() over (partition by offence order by intended_us, id, recipient) <= ${examplesMax}`
}
