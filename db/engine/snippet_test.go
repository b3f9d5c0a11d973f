package engine_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"latchkey/db/engine"
)

func TestResultFields(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	long := strings.Repeat("Nothing of interest here. ", 20) + "A lamp & a <desk> stand apart. " + strings.Repeat("And on it goes. ", 20)
	w.add("shop",
		`{"id":"long","title":"x","text":"`+long+`"}`,
		`{"id":"evil","title":"<script>alert('lamp')</script>","text":"\u0002fake\u0003 lamp \"quoted\""}`,
		`{"id":"list","title":["red lamp","blue desk"],"text":"lamp","none_here":null}`,
		`{"id":"ja","title":"国立公園の地図","text":"日本"}`)
	snippet := func(size int, fallback bool) engine.ResultField {
		return engine.ResultField{Snippet: &engine.SnippetOption{Size: size, Fallback: fallback}}
	}
	show := func(id, text, field string, f engine.ResultField) engine.FieldResult {
		t.Helper()
		r := w.search("shop", engine.Query{
			Text: text, ResultFields: map[string]engine.ResultField{field: f},
			Filter: &engine.Filter{Field: "id", Values: values(id)},
		})
		if len(r.Hits) != 1 {
			t.Fatalf("%d hits", len(r.Hits))
		}
		return r.Hits[0].Fields[field]
	}
	for name, c := range map[string]struct {
		id, text, field string
		f               engine.ResultField
		want            string // "-": none
	}{
		"a document cannot bring markup":        {"evil", "lamp", "title", snippet(100, false), "&lt;script&gt;alert(&#39;<em>lamp</em>&#39;)&lt;/script&gt;"},
		"nor marks of its own":                  {"evil", "lamp", "text", snippet(100, false), " fake  <em>lamp</em> &#34;quoted&#34;"},
		"nor through the fallback":              {"evil", "", "title", snippet(100, true), "&lt;script&gt;alert(&#39;lamp&#39;)&lt;/script&gt;"},
		"elements of an array":                  {"list", "desk", "title", snippet(100, false), "red lamp, blue <em>desk</em>"},
		"only part of a text, between words":    {"long", "lamp", "text", snippet(30, false), "here. A <em>lamp</em> &amp; a &lt;desk&gt;"},
		"several finds":                         {"long", "desk lamp", "text", snippet(30, false), "here. A <em>lamp</em> &amp; a &lt;<em>desk</em>&gt;"},
		"nothing found, no fallback":            {"list", "desk", "text", snippet(100, false), "-"},
		"nothing found, fallback":               {"list", "desk", "text", snippet(100, true), "lamp"},
		"no words, no fallback":                 {"list", "", "text", snippet(100, false), "-"},
		"fallback of a null":                    {"list", "lamp", "none_here", snippet(100, true), "-"},
		"fallback of a field that is not there": {"evil", "lamp", "none_here", snippet(100, true), "-"},
		"fallback is cut":                       {"long", "", "text", snippet(20, true), "Nothing of interest"},
		"a script without spaces":               {"ja", "公園", "title", snippet(100, false), "国立<em>公園</em>の地図"},
		"an id":                                 {"evil", "evil", "id", snippet(100, false), "<em>evil</em>"},
	} {
		t.Run(name, func(t *testing.T) {
			got := show(c.id, c.text, c.field, c.f)
			text := "-"
			if got.Snippet != nil {
				text = *got.Snippet
			}
			if text != c.want || got.Raw != nil {
				t.Errorf("snippet %q, want %q", text, c.want)
			}
		})
	}
	t.Run("raw is the value, cut if asked", func(t *testing.T) {
		got := show("evil", "", "title", engine.ResultField{Raw: &engine.RawOption{}})
		if got.Raw.String() != "<script>alert('lamp')</script>" || got.Snippet != nil {
			t.Errorf("raw %q", got.Raw)
		}
		got = show("ja", "", "title", engine.ResultField{Raw: &engine.RawOption{Size: 3}})
		if got.Raw.String() != "国立公" {
			t.Errorf("raw %q", got.Raw)
		}
	})
	t.Run("without result fields all fields come raw", func(t *testing.T) {
		r := w.search("shop", engine.Query{Filter: &engine.Filter{Field: "id", Values: values("list")}})
		if f := r.Hits[0].Fields; len(f) != 3 || f["none_here"].Raw.Kind() != engine.Null || f["title"].Raw.Kind() != engine.Array {
			t.Errorf("fields %v", f)
		}
	})
	t.Run("a snippet has at most its size, and its find", func(t *testing.T) {
		tags := regexp.MustCompile("</?em>")
		for size := 20; size < 400; size += 7 {
			s := *show("long", "lamp", "text", snippet(size, false)).Snippet
			bare := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(tags.ReplaceAllString(s, ""))
			if utf8.RuneCountInString(bare) > size || !strings.Contains(s, "<em>lamp</em>") {
				t.Errorf("size %d: %d characters, %q", size, utf8.RuneCountInString(bare), s)
			}
		}
	})
	t.Run("no markup but em in any snippet", func(t *testing.T) {
		r := w.search("shop", engine.Query{Text: "script alert lamp", Match: engine.MatchAny, ResultFields: map[string]engine.ResultField{"title": snippet(40, true), "text": snippet(40, true), "id": snippet(40, true)}})
		for _, h := range r.Hits {
			for name, f := range h.Fields {
				if f.Snippet != nil && strings.ContainsAny(regexp.MustCompile("</?em>").ReplaceAllString(*f.Snippet, ""), "<>\"'") {
					t.Errorf("%s %s: %q", h.ID, name, *f.Snippet)
				}
			}
		}
		if fmt.Sprint(len(r.Hits)) == "0" {
			t.Error("nothing found")
		}
	})
}
