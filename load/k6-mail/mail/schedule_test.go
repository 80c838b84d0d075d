package mail

import (
	"context"
	"math"
	"testing"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/executor"
	"go.k6.io/k6/v2/lib/types"
	"gopkg.in/guregu/null.v3"
)

func due(t *testing.T, config lib.ExecutorConfig, number uint64) float64 {
	t.Helper()
	s := scheduleOf(&lib.ScenarioState{}, config)
	offset, ok := s.offset(number)
	if !ok {
		return -1
	}
	return math.Round(offset.Seconds()*1e6) / 1e6
}

func ramp(start int64, stages ...executor.Stage) *executor.RampingArrivalRateConfig {
	config := executor.NewRampingArrivalRateConfig("s")
	config.StartRate, config.Stages = null.IntFrom(start), stages
	return config
}

func stageOf(target int64, length time.Duration) executor.Stage {
	return executor.Stage{Target: null.IntFrom(target), Duration: types.NullDurationFrom(length)}
}

// k6's constant rate begins with an iteration at 0; its ramp has number n where the area under the rate is n+1. By
// hand for the tenth: 2t + t*t/10 = 1 in the second stage.
func TestWhenIterationsAreDue(t *testing.T) {
	constant := executor.NewConstantArrivalRateConfig("s")
	constant.Rate, constant.TimeUnit, constant.Duration = null.IntFrom(50), types.NullDurationFrom(10*time.Second), types.NullDurationFrom(time.Minute)
	for number, want := range map[uint64]float64{0: 0, 1: 0.2, 100: 20} {
		if got := due(t, constant, number); got != want {
			t.Errorf("constant, iteration %d: %v, want %v", number, got, want)
		}
	}
	ramps := ramp(2, stageOf(2, 5*time.Second), stageOf(3, 5*time.Second), stageOf(0, 2*time.Second))
	for number, want := range map[uint64]float64{0: 0.5, 9: 5, 10: 5.488088, 21: 9.832397, 22: 10.174258, 24: 11.183503, 99: -1} {
		if got := due(t, ramps, number); math.Abs(got-want) > 1e-6 {
			t.Errorf("ramp, iteration %d: %v, want %v", number, got, want)
		}
	}
	fromZero := ramp(0, stageOf(0, time.Second), stageOf(10, 2*time.Second))
	if got := due(t, fromZero, 9); got != 3 {
		t.Errorf("from zero: %v", got)
	}
}

func TestDispatchLagIsMeasuredOnceForEachIteration(t *testing.T) {
	s := serve(t, serverOptions{})
	v := newVU(t, s.port, `const client = new Client({ host: "127.0.0.1", port: PORT }), one = new Template({ from: "", to: "a@b.test" })`)
	config := executor.NewConstantArrivalRateConfig("s")
	config.Rate, config.Duration = null.IntFrom(100), types.NullDurationFrom(time.Minute)
	v.state.Options.Scenarios = lib.ScenarioConfigs{"s": config}
	started := time.Now().Add(-1500 * time.Millisecond)
	v.runtime.VU.CtxField = lib.WithScenarioState(context.Background(), &lib.ScenarioState{Name: "s", StartTime: started})
	v.state.GetScenarioGlobalVUIter = func() uint64 { return 50 }
	v.run(`client.send(one).ok && client.send(one).ok && client.sendBatch(one, 3).ok`)
	sums := v.sums()
	if sums["mail_dispatch_lag count"] != 1 || sums["mail_dispatch_lag"] < 1000 || sums["mail_dispatch_lag"] > 60_000 {
		t.Errorf("%v samples, %v ms", sums["mail_dispatch_lag count"], sums["mail_dispatch_lag"])
	}
	v.runtime.VU.CtxField = lib.WithScenarioState(context.Background(), &lib.ScenarioState{Name: "other", StartTime: started})
	v.run(`client.send(one).ok`)
	v.expectSums(map[string]float64{"mail_dispatch_lag count": 0})
}
