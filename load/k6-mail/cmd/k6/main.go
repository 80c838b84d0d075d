// Command k6 is k6 with the module k6/x/mail: what xk6 would build, with all versions pinned in go.mod.
package main

import (
	"os"
	"runtime/debug"

	"go.k6.io/k6/v2/cmd"

	_ "recette.test/k6-mail"
)

// collectPercent lets the heap grow fivefold between two collections: with Go's default the collector takes a tenth of
// a generator's CPU time, for some 25 MB less. GOGC in the environment wins.
const collectPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectPercent)
	}
	cmd.Execute()
}
