package importer

import (
	"context"
	"strconv"
	"strings"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// credentials takes the keys over.
func (r *run) credentials(ctx context.Context, keys []credentialWire) error {
	if len(keys) > 0 {
		r.Say("Credentials: %d", len(keys))
	}
	legacy := 0
	for _, k := range keys {
		if len(k.Key) >= secret.MinForeign {
			r.source.secrets = append(r.source.secrets, k.Key)
		}
	}
	for _, k := range keys {
		if k.Key == r.PrivateKey && !k.AccessAllEngines && len(k.Engines) > 0 {
			r.report.note(Engines, "", "", noteLimited+" "+r.source.tidy(strings.Join(k.Engines, ", ")))
		}
		old, err := r.credential(ctx, k)
		if err != nil {
			return err
		}
		if old {
			legacy++
		}
	}
	if legacy > 0 {
		r.report.note(Credentials, "", "", strconv.Itoa(legacy)+" "+noteLegacy)
	}
	return nil
}

// credential takes one key over and tells whether it has the older form.
func (r *run) credential(ctx context.Context, k credentialWire) (legacy bool, err error) {
	name := r.source.tidy(k.Name)
	in, why := k.wish()
	if why != "" {
		r.report.problem(Credentials, "", name, why)
		return false, nil
	}
	got, err := r.Credentials.Import(ctx, r.who, r.place, credential.Import{Input: in, Secret: k.Key, ReplaceUnused: !r.KeepDefaults})
	if err != nil {
		return false, r.failed(ctx, err, Credentials, "", k.Name)
	}
	if got.New {
		r.report.count(Credentials).Taken++
	} else {
		r.report.count(Credentials).Same++
	}
	if got.Replaced.ID != "" {
		r.report.note(Credentials, "", name, noteReplaced)
	}
	scope := permission.Scope{All: in.AllEngines || in.Type == secret.Admin, Engines: in.Engines}
	if !got.New && rightsOf(got.Key) != rights(in.Type, in.Access, scope) {
		r.report.note(Credentials, "", name, noteDiffers)
	}
	if k.Key == r.AdminKey {
		r.report.note(Credentials, "", name, noteImporter)
	}
	return got.Key.Legacy, nil
}

// wish words a key of the source for the store, or says why it cannot be taken over. What the source calls the type is
// the type: prefixes have changed.
func (k credentialWire) wish() (credential.Input, string) {
	in := credential.Input{Name: k.Name, Type: secret.Type(k.Type)}
	if secret.Masked(k.Key.Reveal()) {
		return in, whyMasked
	}
	if in.Type == secret.Private {
		switch {
		case k.Read && k.Write:
			in.Access = permission.AccessFull
		case k.Read:
			in.Access = permission.AccessRead
		case k.Write:
			in.Access = permission.AccessWrite
		default:
			return in, whyPowerless
		}
	}
	if in.Type == secret.Admin {
		return in, ""
	}
	if in.AllEngines = k.AccessAllEngines; !in.AllEngines {
		in.Engines = k.Engines
		if len(in.Engines) == 0 {
			return in, whyNoEngines
		}
	}
	return in, ""
}
