package console

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/web"
)

// exportTime is how long a file may take to be fetched, and exportPause how long the other side may take for one part.
const (
	exportTime  = 5 * time.Minute
	exportPause = 30 * time.Second
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

func exported(k credential.Key, now time.Time) exportedKey {
	moment := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC().Truncate(time.Second)
		return &t
	}
	access, _ := accessOf(k)
	e := exportedKey{
		ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: string(k.Type), Access: access,
		Permissions: k.Permissions().Strings(), AllEngines: k.Scope.All && k.Type != "admin", Engines: append([]string{}, k.Scope.Engines...),
		Status: statusOf(k, now), Legacy: k.Legacy, CreatedAt: moment(k.CreatedAt), CreatedBy: k.CreatedBy, ExpiresAt: moment(k.ExpiresAt),
		LastUsedAt: moment(k.Use.At), RevokedAt: moment(k.RevokedAt), RevokedBy: k.RevokedBy,
	}
	return e
}

// exportHead are the columns of the table form, in the order of row.
var exportHead = []string{"id", "name", "description", "visible_key", "type", "access", "permissions", "engines", "status", "legacy",
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
	row := []string{e.ID, e.Name, e.Description, e.Visible, e.Type, e.Access, strings.Join(e.Permissions, " "), engines, e.Status,
		strconv.FormatBool(e.Legacy), moment(e.CreatedAt), e.CreatedBy, moment(e.ExpiresAt), moment(e.LastUsedAt), moment(e.RevokedAt), e.RevokedBy}
	for i := range row {
		row[i] = harmlessCell(row[i])
	}
	return row
}

// harmlessCell keeps a spreadsheet from taking text for a formula, wherever it may begin to.
func harmlessCell(s string) string {
	if strings.HasPrefix(strings.TrimLeft(s, " \u00a0\ufeff"), "'") || strings.ContainsAny(firstOf(strings.TrimLeft(s, " \u00a0\ufeff")), "=+-@\t\r\n|%＝＋－＠") {
		return "'" + s
	}
	return s
}

// firstOf is the first character of a text.
func firstOf(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// exportCSV gives the whole list as a table.
func (s *console) exportCSV(c echo.Context) error {
	w := csv.NewWriter(c.Response())
	w.UseCRLF = true
	return s.export(c, "csv", "text/csv; charset=utf-8", func(first bool, keys []exportedKey) error {
		if first {
			if err := w.Write(exportHead); err != nil {
				return err
			}
		}
		for _, k := range keys {
			if err := w.Write(k.row()); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	}, "")
}

// exportJSON gives the whole list as one array, a key a line.
func (s *console) exportJSON(c echo.Context) error {
	begun := false
	return s.export(c, "json", "application/json; charset=utf-8", func(_ bool, keys []exportedKey) error {
		for _, k := range keys {
			line, err := json.Marshal(k)
			if err != nil {
				return err
			}
			between := "[\n"
			if begun {
				between = ",\n"
			}
			begun = true
			if _, err := io.WriteString(c.Response(), between+string(line)); err != nil {
				return err
			}
		}
		if !begun {
			begun = true
			_, err := io.WriteString(c.Response(), "[")
			return err
		}
		return nil
	}, "\n]\n")
}

// export sends a list page by page, so that the keys of a large project are never held together. Whoever loses the
// right to see them half way gets no more. A file that could not be finished ends with the connection, so that nobody
// takes it for the whole.
func (s *console) export(c echo.Context, kind, contentType string, write func(first bool, keys []exportedKey) error, end string) error {
	v, first := visitorOf(c), true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), exportTime)
	defer cancel()
	err := s.Credentials.Each(ctx, v.Who, v.project.Target(), listed(readFilter(c.QueryParams())), func(page []credential.Key) error {
		if first {
			name := v.organization.Slug + "-" + v.project.Slug + "-keys-" + s.Now().Format(time.DateOnly) + "." + kind
			c.Response().Header().Set(echo.HeaderContentType, contentType)
			c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
			c.Response().WriteHeader(http.StatusOK)
		}
		web.Patience(c, exportPause)
		list := make([]exportedKey, len(page))
		for i, k := range page {
			list[i] = exported(k, s.Now())
		}
		err := write(first, list)
		first = false
		return err
	})
	if err == nil {
		_, err = io.WriteString(c.Response(), end)
	}
	if err != nil && !first {
		panic(http.ErrAbortHandler)
	}
	return err
}
