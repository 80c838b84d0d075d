import { fates } from "./ledger-summary.ts"

// The queries of a batch: messages whose ids are neighbours, so that every acceptance belongs to one batch. All of them
// read the tables that plan.ts makes.

export interface BatchRange { batch: number; firstId: string; lastId: string; messages: number }

/** Where the contents of the files stand: arguments of read_parquet(). */
export interface BatchSources { acceptances: string; expected: string }

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
      select n, recipient, 1 as wanted, 0 as copies, 0 as answered, null::bigint as first_us, false as altered
      from wanted_of_lists
      union all
      select n, recipient, 1, 0, 0, null, false from wanted_of_people
      union all
      select n, recipient, 0, 1, answered::integer, received_us, altered from arrivals),
    pair as (
      select n, recipient, sum(wanted)::integer as wanted, sum(copies)::integer as copies,
        sum(answered)::integer as answered, min(first_us) as first_us, bool_or(altered) as altered
      from evidence group by n, recipient)`
}

/** Table `fate`: one row for each recipient of the batch's messages, with exactly one fate. */
export function fateTable(range: BatchRange & { firstId: string; lastId: string }, files: BatchSources): string {
  return `
    create or replace temp table fate as with ${evidence(range, files)}
    select n, recipient, wanted, copies, answered, first_us, altered,
      coalesce(list_refusal, refused.class) as refusal, bounced.text as bounce,
      case
        when wanted = 0 then 'unexpected'
        when copies > 1 then 'duplicated'
        when copies = 1 and coalesce(list_refusal, refused.class) is null then 'delivered-once'
        when copies = 1 then 'recovered'
        when bounced.text is not null then 'bounced'
        when coalesce(list_refusal, refused.class) is not null then 'refused'
        else 'lost'
      end as fate,
      copies > 0 and (bounced.text is not null
        or coalesce(coalesce(list_refusal, refused.class) in ('temporary', 'permanent'), false)) as contradicted
    from pair
    join here using (n)
    left join refused using (n, recipient)
    left join bounced using (n, recipient)`
}

/** Adds the batch to `tally`: how many recipients had which fate, by audience, domain and sender class. */
export const addTally = `
  insert into tally
  select audience, split_part(recipient, '@', -1) as domain, sender_class, fate, count(*) as recipients,
    count_if(altered) as altered, count_if(contradicted) as contradicted,
    sum(greatest(copies - 1, 0))::bigint as extra_copies,
    count_if(fate = 'duplicated' and answered <= 1) as duplicated_unanswered
  from fate join message using (n)
  group by all`

/** Three significant digits, rounded up. */
function threeDigits(us: string): string {
  const power = `pow(10, floor(log10(${us})) - 2)`
  return `case when ${us} < 1000 then ${us} else (ceil((${us}) / ${power}) * ${power})::bigint end`
}

/**
 * Adds the batch to `latency`, a histogram in steps of three significant digits, rounded up. The recipients are counted
 * by all three properties first, for there are few different steps.
 */
export const addLatency = `
  insert into latency
  with step as (
    select audience, split_part(recipient, '@', -1) as domain, sender_class,
      ${threeDigits("first_us - intended_us")} as step_us, count(*) as samples,
      min(first_us - intended_us) as min_us, max(first_us - intended_us) as max_us
    from fate join message using (n)
    where wanted > 0 and copies > 0
    group by all)
  select
    case when grouping(audience) = 0 then 'audience' when grouping(domain) = 0 then 'domain'
      when grouping(sender_class) = 0 then 'sender-class' else 'total' end as scope,
    coalesce(audience, domain, sender_class, '') as name,
    step_us, sum(samples)::bigint as samples, min(min_us) as min_us, max(max_us) as max_us
  from step
  group by grouping sets ((audience, step_us), (domain, step_us), (sender_class, step_us), (step_us))`

/** Longer than any latency: stands for what never came, so that it sorts behind all that did. */
const never = "9000000000000000000"

/** Rows of `outcome` for a batch's messages: fates, and when 50, 90, 99 and 100 % of the expected recipients had it. */
export function outcomes(batch: number): string {
  return `
  with counted as (
    select n, count_if(wanted > 0) as expected,
      ${fates.map((fate) => `count_if(fate = '${fate}') as "${fate}"`).join(", ")},
      count_if(altered) as altered, count_if(contradicted) as contradicted
    from fate group by n),
  timed as (
    select n, quantile_disc(coalesce(first_us - intended_us, ${never}), [0.5, 0.9, 0.99, 1]) as reached
    from fate join message using (n) where wanted > 0 group by n)
  select message.n, coalesce(expected, 0) as expected,
    ${fates.map((fate) => `coalesce("${fate}", 0) as "${fate}"`).join(", ")},
    coalesce(altered, 0) as altered, coalesce(contradicted, 0) as contradicted,
    ${[50, 90, 99, 100].map((percent, index) => `nullif(reached[${index + 1}], ${never}) as reached_${percent}_us`).join(", ")}
  from (select n from message where batch = ${batch}) as message left join counted using (n) left join timed using (n)`
}

/** The recipients that are worth a look, as they are written to `offenders-*.parquet`. */
export const offenders = `
  select fate, altered, contradicted, id, recipient, stream, audience, sender, copies, answered, first_us, intended_us,
    coalesce(refusal, 'accepted') as told, bounce
  from fate join message using (n)
  where fate <> 'delivered-once' or altered or contradicted`

/** Adds the batch's first of each offence to `example`. */
export function addExamples(examplesMax: number): string {
  return `
    insert into example
    with offender as (${offenders}),
    named as (
      select unnest([fate, if(altered, 'altered', null), if(contradicted, 'contradicted', null)]) as offence, * from offender)
    select * from named where offence is not null and offence <> 'delivered-once'
    qualify row_number() over (partition by offence order by intended_us, id, recipient) <= ${examplesMax}`
}

/** What must not be in a batch, and what it holds, for the sum over all batches. */
export const batchChecks = `
  select coalesce(sum(copies), 0)::bigint as copies, count_if(wanted > 1) as wanted_twice,
    count_if(wanted > 0 and first_us < started_us) as early,
    count_if(direct and wanted > 0 and fate.refusal is not null) as refusals
  from fate join message using (n)`
