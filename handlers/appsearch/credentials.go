package appsearch

import (
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/secret"
	"latchkey/web"
)

// credentialWire is a key. read and write are there for private keys only; of access_all_engines and engines there is
// one, and neither for admin keys.
//
//	{"id":"loco_moco_account_id:5f00aa11bb22cc33dd44ee55|name:indexer","key":"private-…","name":"indexer",
//	"type":"private","read":true,"write":true,"access_all_engines":true}
type credentialWire struct {
	ID               string   `json:"id"`
	Key              string   `json:"key"`
	Name             string   `json:"name"`
	Type             string   `json:"type"`
	Read             *bool    `json:"read,omitempty"`
	Write            *bool    `json:"write,omitempty"`
	AccessAllEngines bool     `json:"access_all_engines,omitempty"`
	Engines          []string `json:"engines,omitempty"`
}

func credentialOf(k credential.Key, key string) credentialWire {
	w := credentialWire{ID: credentialID(k), Key: key, Name: k.Name, Type: string(k.Type)}
	if k.Type == secret.Admin {
		return w
	}
	if k.Type == secret.Private {
		read, write := flags(k)
		w.Read, w.Write = &read, &write
	}
	if w.AccessAllEngines = k.Scope.All; !k.Scope.All {
		w.Engines = k.Scope.Engines
	}
	return w
}

// credentialID gives the opaque id in the recorded form; its digits are the first of the project's id.
func credentialID(k credential.Key) string {
	digits := strings.ReplaceAll(k.ProjectID, "-", "")
	return "loco_moco_account_id:" + digits[:min(24, len(digits))] + "|name:" + k.Name
}

// flags tells whether a key can read anything and change anything, which is all that App Search knows of access.
func flags(k credential.Key) (read, write bool) {
	for _, p := range k.Permissions().List() {
		if p.Modifies() {
			write = true
		} else {
			read = true
		}
	}
	return read, write
}

const credentialsSize = 25

func (d *dialect) listCredentials(c echo.Context) error {
	a, ctx := asking(c), c.Request().Context()
	params, err := readOnly(c, "page")
	if err != nil {
		return err
	}
	p, err := params.listPage(credentialsSize)
	if err != nil {
		return err
	}
	keys, err := d.Credentials.List(ctx, a.who, a.place, credential.Filter{Live: true, Offset: p.offset(), Limit: p.size})
	if err != nil {
		return err
	}
	secrets, err := d.Credentials.Secrets(ctx, a.who, a.place, keys.Keys)
	if err != nil {
		return err
	}
	list := make([]credentialWire, len(keys.Keys))
	for i, k := range keys.Keys {
		list[i] = credentialOf(k, keyShown(k, secrets))
	}
	return answerSecret(c, listOfAll(p, int64(keys.Total), list))
}

func (d *dialect) getCredential(c echo.Context) error {
	a := asking(c)
	k, err := d.Credentials.GetByName(c.Request().Context(), a.who, a.place, web.Param(c, "name"))
	if err != nil {
		return err
	}
	return d.answerCredential(c, a, k)
}

func (d *dialect) createCredential(c echo.Context) error {
	a := asking(c)
	wish, err := readWish(c)
	if err != nil {
		return err
	}
	in, err := wish.input(nil)
	if err != nil {
		return err
	}
	k, minted, err := d.Credentials.Create(c.Request().Context(), a.who, a.place, in, nil)
	if err != nil {
		return err
	}
	return answerSecret(c, credentialOf(k, minted.Reveal()))
}

func (d *dialect) updateCredential(c echo.Context) error {
	a, ctx := asking(c), c.Request().Context()
	wish, err := readWish(c)
	if err != nil {
		return err
	}
	before, err := d.Credentials.GetByName(ctx, a.who, a.place, web.Param(c, "name"))
	if err != nil {
		return err
	}
	in, err := wish.input(&before)
	if err != nil {
		return err
	}
	k, err := d.Credentials.Update(ctx, a.who, a.place, before.ID, in)
	if err != nil {
		return err
	}
	return d.answerCredential(c, a, k)
}

func (d *dialect) deleteCredential(c echo.Context) error {
	a, ctx := asking(c), c.Request().Context()
	k, err := d.Credentials.GetByName(ctx, a.who, a.place, web.Param(c, "name"))
	if err != nil {
		return err
	}
	if _, err := d.Credentials.Revoke(ctx, a.who, a.place, k.ID); err != nil {
		return err
	}
	return answer(c, deletedAnswer{Deleted: true})
}

func (d *dialect) answerCredential(c echo.Context, a asker, k credential.Key) error {
	secrets, err := d.Credentials.Secrets(c.Request().Context(), a.who, a.place, []credential.Key{k})
	if err != nil {
		return err
	}
	return answerSecret(c, credentialOf(k, keyShown(k, secrets)))
}

// keyShown gives what "key" shows of a key that is not new: the secret where it may be read, else the masked form.
func keyShown(k credential.Key, secrets map[string]secret.Secret) string {
	if s, ok := secrets[k.ID]; ok {
		return s.Reveal()
	}
	return k.Visible
}
