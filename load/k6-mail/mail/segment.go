package mail

import (
	"go.k6.io/k6/v2/lib"

	"recette.test/k6-mail/message"
)

// isSegment says that other processes run the rest of the test (--execution-segment).
func isSegment(state *lib.State) bool {
	return state.Options.ExecutionSegment != nil && state.GetScenarioGlobalVUIter != nil
}

// numbers returns the first of the numbers of the next count messages of a template. Of a segment they are those that one
// process would have given: k6 numbers the iterations of a scenario across all segments, and in shares that depend on the
// scenario's users, so that no counting of this process's own could know them.
func (i *instance) numbers(state *lib.State, template *message.Template, count int) uint64 {
	if isSegment(state) {
		return state.GetScenarioGlobalVUIter() * uint64(count)
	}
	return template.Take(count)
}

// onceInIteration notes that a template is sent, and says whether it is so for the first time in this iteration.
func (i *instance) onceInIteration(template *message.Template) bool {
	iteration := i.vu.State().Iteration
	if last, ok := i.sent[template]; ok && last == iteration {
		return false
	}
	if i.sent == nil {
		i.sent = map[*message.Template]int64{}
	}
	i.sent[template] = iteration
	return true
}
