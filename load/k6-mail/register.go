// Package k6mail registers the module k6/x/mail. Import it for its effect, beside k6's own command.
package k6mail

import (
	"go.k6.io/k6/v2/js/modules"

	"recette.test/k6-mail/mail"
)

func init() {
	modules.Register("k6/x/mail", mail.New())
}
