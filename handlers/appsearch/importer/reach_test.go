package importer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"latchkey/db/engine"
	"latchkey/handlers/appsearch/importer"
)

// far is a source that reaches as far as App Search does, only in small: lists and searches end at 20.
func far(t *testing.T, a *instance) string {
	return moody(t, a, func(_ int, w http.ResponseWriter, r *http.Request) bool {
		var page struct{ Current, Size int }
		if strings.HasSuffix(r.URL.Path, "/documents/list") {
			_, _ = fmt.Sscan(r.URL.Query().Get("page[current]"), &page.Current)
			q := r.URL.Query()
			q.Set("page[size]", "20")
			r.URL.RawQuery = q.Encode()
			page.Size = 20
		} else if strings.HasSuffix(r.URL.Path, "/search") {
			raw, err := io.ReadAll(r.Body)
			a.must(err)
			r.Body = io.NopCloser(bytes.NewReader(raw))
			var body struct {
				Page struct{ Current, Size int }
			}
			a.must(json.Unmarshal(raw, &body))
			page = body.Page
		}
		if page.Current*page.Size <= 20 {
			return false
		}
		w.WriteHeader(400)
		fmt.Fprint(w, `{"errors":["Page is out of range"]}`)
		return true
	}).URL
}

// App Search lists and finds no more than 10,000 documents at once.
func TestMoreDocumentsThanTheSourceLists(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs side by side here, and the race detector makes it slow")
	}
	number := engine.Schema{{Name: "title", Type: engine.TypeText}, {Name: "n", Type: engine.TypeNumber}}
	for _, c := range []struct {
		name   string
		schema engine.Schema
		n      int
		doc    func(n int) engine.Source
		all    bool
	}{
		{"along a number", number, 150, func(n int) engine.Source { return engine.Source{"n": json.Number(fmt.Sprint(n % 97))} }, true},
		{"a number that a third does not have", number, 60, func(n int) engine.Source {
			if n%3 == 0 {
				return engine.Source{"title": "none"}
			}
			return engine.Source{"n": json.Number(fmt.Sprint(-n))}
		}, true},
		{"a number that many share, with a date", engine.Schema{{Name: "n", Type: engine.TypeNumber}, {Name: "at", Type: engine.TypeDate}}, 120, func(n int) engine.Source {
			return engine.Source{"n": json.Number(fmt.Sprint(n / 70)), "at": fmt.Sprintf("2026-01-01T00:%02d:%02dZ", n/60, n%60)}
		}, true},
		{"several numbers in one field", number, 80, func(n int) engine.Source {
			return engine.Source{"n": []any{json.Number(fmt.Sprint(n)), json.Number("1000")}}
		}, true},
		{"values of a text", engine.Schema{{Name: "color", Type: engine.TypeText}}, 90, func(n int) engine.Source {
			return engine.Source{"color": fmt.Sprint("c", n%6)}
		}, true},
		{"nothing to cut along", engine.Schema{{Name: "title", Type: engine.TypeText}}, 90, func(n int) engine.Source {
			return engine.Source{"title": "the same"}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := newSource(t), newInstance(t)
			a.fill("shop", "", c.schema, c.n, func(n int) engine.Source {
				doc := c.doc(n)
				doc["id"] = fmt.Sprintf("d%04d", (n*7919)%10_000)
				return doc
			})
			o, s := a.options(far(t, a))
			o.Narrow(10, 20, 10)
			report, err := b.take(ctx, o, s, a)
			count := report.Counts[importer.Documents]
			if err != nil || !report.Complete || c.all == report.Failed() {
				t.Fatalf("%v %+v", err, report)
			}
			if c.all {
				if count.Taken != c.n {
					t.Errorf("%+v of %d", count, c.n)
				}
				return
			}
			told := fmt.Sprintf("%d of 90 documents could not be reached", count.Failed)
			if count.Taken < 40 || count.Taken+count.Failed != c.n || len(report.Problems) != 1 || !strings.Contains(report.Problems[0].Reason, told) {
				t.Errorf("%+v, %+v", count, report.Problems)
			}
		})
	}
}

// An import that is cut off again and again while it searches comes to the same end too.
func TestCutOffWhileSearching(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.fill("shop", "", engine.Schema{{Name: "n", Type: engine.TypeNumber}}, 120, func(n int) engine.Source {
		return engine.Source{"id": fmt.Sprintf("d%04d", (n*7919)%10_000), "n": json.Number(fmt.Sprint(n))}
	})
	address := far(t, a)
	cuts := 0
	for at := 9; ; at += 2 {
		o, s := a.options(address)
		o.Narrow(10, 20, 10)
		cut, cancel := context.WithCancel(ctx)
		o.Transport = &cutter{at: at, cancel: cancel}
		report, err := b.take(cut, o, s, a)
		cancel()
		if err != nil {
			cuts++
			continue
		}
		n, err := b.engines.Count(ctx, who, b.project.Target(), "shop")
		if err != nil || n != 120 || report.Failed() || !report.Resumed || cuts < 2 {
			t.Errorf("%d documents after %d cuts, %v, %+v", n, cuts, err, report)
		}
		return
	}
}
