package lupa

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web"
)

// importBody is what is sent to import or change documents (Lupa, "Documents").
//
//	{"documents":[{"id":1,"title":"…"}]}
type importBody struct {
	Documents json.RawMessage `json:"documents"`
}

// maxDocuments is how many documents, or ids of them, a request can have.
const maxDocuments = 10_000

// readList reads an array of at most maxDocuments elements, one after the other: of what is too much nothing is made. It
// is nil if there is none.
func readList[T any](at string, raw json.RawMessage) ([]T, error) {
	if raw == nil || string(raw) == "null" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	errType := wrong(at, "has a value of the wrong type.")
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return nil, errType
	}
	list := []T{}
	for d.More() {
		if len(list) == maxDocuments {
			return nil, fault.New(fault.TooLarge, fmt.Sprintf("%s can have at most %d entries. Send the others in another request.", at, maxDocuments))
		}
		var v T
		if err := d.Decode(&v); err != nil {
			return nil, errType
		}
		list = append(list, v)
	}
	return list, nil
}

// imported is the answer to it (ibidem). Magento's plug-in wants success and a batchKey that is not empty. "errors" and
// "failed" are ours and stand in it only if documents were refused.
//
//	{"success":true,"batchKey":"documents-import-1717171717171-k3x"}
type imported struct {
	Success  bool      `json:"success"`
	BatchKey string    `json:"batchKey"`
	Errors   []refused `json:"errors,omitempty"`
	Failed   int       `json:"failed,omitempty"`
}

// refused is a document that was not stored.
type refused struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// How many refused documents are named: beside others that were stored, and where none was.
const (
	maxRefused = 100
	maxNamed   = 3
)

// store is how an engine takes documents: whole, or merged into what is there.
type store func(ctx context.Context, who audit.Who, in permission.Target, name string, docs []engine.Source) ([]engine.Result, error)

func (a *api) importDocuments(c echo.Context) error {
	return a.storeDocuments(c, "documents-import", a.Engines.Import)
}

func (a *api) patchDocuments(c echo.Context) error {
	return a.storeDocuments(c, "documents-update", a.Engines.Patch)
}

func (a *api) storeDocuments(c echo.Context, action string, put store) error {
	var body importBody
	if err := decode(c, &body); err != nil {
		return err
	}
	documents, err := readList[engine.Source]("documents", body.Documents)
	if err != nil {
		return err
	}
	if documents == nil {
		return fault.Field("documents", "documents must be an array of objects.")
	}
	identified, bad := withIDs(documents)
	on := indexOf(c)
	results, err := put(c.Request().Context(), whoOf(c), on.place, on.Name, identified)
	if err != nil {
		return err
	}
	for _, r := range results {
		if len(r.Errors) > 0 {
			bad = append(bad, refused{ID: r.ID, Message: strings.Join(r.Errors, " ")})
		}
	}
	if len(bad) > 0 && len(bad) == len(documents) {
		return errAllRefused(bad)
	}
	return c.JSON(http.StatusOK, imported{
		Success: true, BatchKey: a.batchKey(action), Errors: bad[:min(len(bad), maxRefused)], Failed: len(bad),
	})
}

// withIDs takes out what has no id: here every document needs one, while an engine would make one up.
func withIDs(docs []engine.Source) (identified []engine.Source, bad []refused) {
	for _, d := range docs {
		if id, ok := d["id"]; !ok || id == nil || id == "" {
			bad = append(bad, refused{Message: "The document has no id."})
			continue
		}
		identified = append(identified, d)
	}
	return identified, bad
}

func errAllRefused(bad []refused) error {
	parts := make([]string, 0, maxNamed)
	for _, r := range bad[:min(len(bad), maxNamed)] {
		parts = append(parts, strings.TrimSpace(quoteID(r.ID)+r.Message))
	}
	text := "No document was stored. " + strings.Join(parts, " ")
	if more := len(bad) - maxNamed; more > 0 {
		text += fmt.Sprintf(" And %d more.", more)
	}
	return fault.New(fault.Invalid, text)
}

func quoteID(id string) string {
	if id == "" {
		return ""
	}
	return fault.Quote(id) + ": "
}

// batchKey names what was done, as Lupa does: action, epoch milliseconds, three characters. Nothing is pending under
// it: what it names is done when it is answered.
func (a *api) batchKey(action string) string {
	return fmt.Sprintf("%s-%d-%s", action, a.Now().UnixMilli(), secret.Short(3))
}

// counted is how many documents an index has (Lupa's PHP client, DocumentsApi).
//
//	{"count":3}
type counted struct {
	Count int64 `json:"count"`
}

func (a *api) countDocuments(c echo.Context) error {
	on := indexOf(c)
	n, err := a.Engines.Count(c.Request().Context(), whoOf(c), on.place, on.Name)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, counted{Count: n})
}

// idsBody is what is sent to delete documents (Lupa's plug-ins). Ids are strings or numbers.
//
//	{"ids":["1","2"]}
type idsBody struct {
	IDs json.RawMessage `json:"ids"`
}

func (a *api) deleteDocuments(c echo.Context) error {
	var body idsBody
	if err := decode(c, &body); err != nil {
		return err
	}
	ids, err := body.read()
	if err != nil {
		return err
	}
	on := indexOf(c)
	if _, err := a.Engines.DeleteDocuments(c.Request().Context(), whoOf(c), on.place, on.Name, ids); err != nil {
		return err
	}
	return answerDone(c)
}

func (b idsBody) read() ([]string, error) {
	given, err := readList[any]("ids", b.IDs)
	if err != nil {
		return nil, err
	}
	if given == nil {
		return nil, fault.Field("ids", "ids must be an array of strings or numbers.")
	}
	ids := make([]string, len(given))
	for i, id := range given {
		switch id := id.(type) {
		case string:
			ids[i] = id
		case json.Number:
			ids[i] = id.String()
		default:
			return nil, fault.Field("ids", "ids must be an array of strings or numbers.")
		}
	}
	return ids, nil
}

var errNoDocument = fault.New(fault.NotFound, "There is no such document.")

func (a *api) deleteDocument(c echo.Context) error {
	on := indexOf(c)
	deleted, err := a.Engines.DeleteDocuments(c.Request().Context(), whoOf(c), on.place, on.Name, []string{web.Param(c, "document")})
	if err != nil {
		return err
	}
	if !deleted[0] {
		return errNoDocument
	}
	return answerDone(c)
}
