package mail

import (
	"context"
	"math"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/executor"
)

// schedule says when each iteration of a scenario with an arrival rate was due. k6 keeps that to itself, and a latency
// that begins when a late iteration begins hides the wait before it (coordinated omission).
type schedule struct {
	scenario *lib.ScenarioState
	stages   []stage
	// first is the number of iterations that are due when the scenario begins: k6's constant rate starts with one.
	first float64
}

// stage is a part of a schedule in which the rate changes evenly, in iterations per nanosecond.
type stage struct {
	from, to, length float64
	// before is the number of iterations due before it, at its beginning in nanoseconds.
	before, at float64
}

// dueFor returns the time at which iteration number of the scenario that runs in ctx was due; false where the executor
// starts iterations as soon as it can, or when a dropped iteration has made the numbers useless.
func (s *schedule) dueFor(ctx context.Context, state *lib.State) (time.Time, bool) {
	scenario := lib.GetScenarioState(ctx)
	if scenario == nil || state.GetScenarioGlobalVUIter == nil {
		return time.Time{}, false
	}
	if scenario != s.scenario {
		*s = scheduleOf(scenario, state.Options.Scenarios[scenario.Name])
	}
	if len(s.stages) == 0 {
		return time.Time{}, false
	}
	offset, ok := s.offset(state.GetScenarioGlobalVUIter())
	return scenario.StartTime.Add(offset), ok
}

func scheduleOf(scenario *lib.ScenarioState, config lib.ExecutorConfig) schedule {
	s := schedule{scenario: scenario}
	switch config := config.(type) {
	case *executor.ConstantArrivalRateConfig:
		rate := float64(config.Rate.Int64) / float64(config.TimeUnit.Duration)
		s.stages = []stage{{from: rate, to: rate, length: float64(config.Duration.Duration)}}
		s.first = 1
	case *executor.RampingArrivalRateConfig:
		unit := float64(config.TimeUnit.Duration)
		from := float64(config.StartRate.Int64) / unit
		var before, at float64
		for _, one := range config.Stages {
			to, length := float64(one.Target.Int64)/unit, float64(one.Duration.Duration)
			s.stages = append(s.stages, stage{from, to, length, before, at})
			before += length * (from + to) / 2
			at += length
			from = to
		}
	}
	return s
}

// offset is when iteration number (from 0) is due, counted from the scenario's beginning: where the area under the
// rate reaches it.
func (s *schedule) offset(number uint64) (time.Duration, bool) {
	area := float64(number) + 1 - s.first
	for _, one := range s.stages {
		inside := area - one.before
		total := one.length * (one.from + one.to) / 2
		if inside > total || total == 0 {
			continue
		}
		if one.from == one.to {
			return time.Duration(one.at + inside/one.from), true
		}
		slope := (one.to - one.from) / one.length
		root := math.Sqrt(max(0, one.from*one.from+2*slope*inside))
		return time.Duration(one.at + (root-one.from)/slope), true
	}
	return 0, false
}
