package console

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/web"
)

// exportedKey is a key in a file: as everybody may see it who may see the list, without its secret.
type exportedKey struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Visible     string     `json:"visible_key"`
	Type        string     `json:"type"`
	Access      string     `json:"access"`
	Permissions []string   `json:"permissions"`
	AllEngines  bool       `json:"all_engines"`
	Engines     []string   `json:"engines"`
	Status      string     `json:"status"`
	Legacy      bool       `json:"legacy"`
	CreatedAt   *time.Time `json:"created_at"`
	CreatedBy   string     `json:"created_by"`
	ExpiresAt   *time.Time `json:"expires_at"`
	LastUsedAt  *time.Time `json:"last_used_at"`
	RevokedAt   *time.Time `json:"revoked_at"`
	RevokedBy   string     `json:"revoked_by"`
}

func exportedOf(k credential.Key, now time.Time) exportedKey {
	moment := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC().Truncate(time.Second)
		return &t
	}
	access, _ := accessOf(k)
	return exportedKey{
		ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: string(k.Type), Access: access,
		Permissions: k.Permissions().Strings(), AllEngines: k.Scope.All && k.Type != "admin", Engines: append([]string{}, k.Scope.Engines...),
		Status: statusOf(k, now), Legacy: k.Legacy, CreatedAt: moment(k.CreatedAt), CreatedBy: k.CreatedBy, ExpiresAt: moment(k.ExpiresAt),
		LastUsedAt: moment(k.Use.At), RevokedAt: moment(k.RevokedAt), RevokedBy: k.RevokedBy,
	}
}

// keyColumns are the columns of the table form, in the order of row.
var keyColumns = []string{"id", "name", "description", "visible_key", "type", "access", "permissions", "engines", "status", "legacy",
	"created_at", "created_by", "expires_at", "last_used_at", "revoked_at", "revoked_by"}

func (e exportedKey) row() []string {
	moment := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	engines := strings.Join(e.Engines, " ")
	if e.AllEngines {
		engines = "*"
	}
	return []string{e.ID, e.Name, e.Description, e.Visible, e.Type, e.Access, strings.Join(e.Permissions, " "), engines, e.Status,
		strconv.FormatBool(e.Legacy), moment(e.CreatedAt), e.CreatedBy, moment(e.ExpiresAt), moment(e.LastUsedAt), moment(e.RevokedAt), e.RevokedBy}
}

// exportKeysCSV gives the whole list as a table.
func (s *console) exportKeysCSV(c echo.Context) error {
	return s.exportKeys(c, "csv", "text/csv; charset=utf-8; header=present", func(w io.Writer) (func(exportedKey) error, func() error, error) {
		table := web.NewCSV(w)
		return func(k exportedKey) error { return table.Row(k.row()...) }, table.Flush, table.Row(keyColumns...)
	})
}

// exportKeysJSON gives the whole list as one array, a key a line.
func (s *console) exportKeysJSON(c echo.Context) error {
	return s.exportKeys(c, "json", "application/json", func(w io.Writer) (func(exportedKey) error, func() error, error) {
		between := "\n"
		write := func(k exportedKey) error {
			line, err := json.Marshal(k)
			if err == nil {
				_, err = io.WriteString(w, between+string(line))
			}
			between = ",\n"
			return err
		}
		end := func() error { _, err := io.WriteString(w, "\n]\n"); return err }
		_, err := io.WriteString(w, "[")
		return write, end, err
	})
}

// exportKeys sends a list page by page, so that the keys of a large project are never held together. begin starts the
// file and gives what writes a key and what ends the file.
func (s *console) exportKeys(c echo.Context, kind, contentType string, begin func(io.Writer) (func(exportedKey) error, func() error, error)) error {
	v, filter := visitorOf(c), listed(readFilter(c.QueryParams()))
	name := "keys-" + v.organization.Slug + "-" + v.project.Slug + "-" + s.Now().Format("20060102-150405") + "." + kind
	return web.Download(c, name, contentType, func(ctx context.Context, w io.Writer) error {
		write, end, err := begin(w)
		if err != nil {
			return err
		}
		err = s.Credentials.Each(ctx, v.Who, v.project.Target(), filter, func(page []credential.Key) error {
			for _, k := range page {
				if err := write(exportedOf(k, s.Now())); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		return end()
	})
}
