package engine_test

import (
	"strings"
	"testing"

	"latchkey/db/engine"
)

// What each language is good for: texts, a question, and whether it finds them. What SQLite cannot do stands here as well,
// marked by want: false, so that the README can say it.
func TestLanguages(t *testing.T) {
	cases := []struct {
		language, text, query string
		want                  bool
		why                   string
	}{
		{"en", "Running shoes for children", "run", true, "by the stem"},
		{"en", "Running shoes for children", "SHOE", true, "plural and case"},
		{"en", "Café society", "cafe", true, "accents"},
		{"en", "The children sang", "child", false, "irregular forms are no stems"},
		{"", "Running shoes", "run", false, "universal has no stems"},
		{"", "Running shoes", "running", true, "but whole words"},
		{"de", "Schöne Stühle aus Holz", "stühle", true, "umlauts and case"},
		{"de", "Schöne Stühle aus Holz", "STUHLE", true, "umlauts as their vowels"},
		{"de", "Große Straße", "STRASSE", false, "ß is not ss"},
		{"de", "Große Straße", "straße", true, "but itself"},
		{"de", "Stehlampen", "lampe", false, "no stems and no parts of compounds"},
		{"fr", "L'été à la forêt", "ete", true, "accents, and the word behind an apostrophe"},
		{"fr", "L'été à la forêt", "forêts", false, "no stems"},
		{"es", "El niño está aquí", "nino", true, "accents"},
		{"it", "La città più bella", "citta", true, "accents"},
		{"pt", "São Paulo é grande", "sao", true, "accents"},
		{"pt-br", "Ações e coração", "acoes", true, "accents"},
		{"nl", "Eén koffie", "een", true, "accents"},
		{"da", "Blå skærme på lager", "BLÅ", true, "case beyond ASCII"},
		{"da", "Blå skærme på lager", "bla", true, "å as a"},
		{"da", "Blå skærme på lager", "skaerme", false, "æ is not ae"},
		{"ru", "Новая лампа", "ЛАМПА", true, "case"},
		{"ru", "Ёлка в лесу", "елка", false, "ё is not е"},
		{"ru", "Ёлка в лесу", "ёлка", true, "but itself"},
		{"ru", "Новые лампы", "лампа", false, "no stems"},
		{"ja", "東京の古い地図", "東京", true, "characters that follow each other"},
		{"ja", "東京の古い地図", "京東", false, "not in another order"},
		{"ja", "カタカナのテレビ", "テレビ", true, "katakana"},
		{"ja", "ひらがなで書く", "ひらがな", true, "hiragana"},
		{"ja", "ｶﾀｶﾅ", "カタカナ", false, "half-width is another form"},
		{"zh", "北京大学的图书馆", "图书馆", true, "characters that follow each other"},
		{"zh", "北京大学的图书馆", "北大", false, "no abbreviations"},
		{"zh", "北京大学的图书馆", "圖書館", false, "traditional is not simplified"},
		{"th", "โคมไฟสีแดง", "สีแดง", true, "characters that follow each other"},
		{"ko", "새로운 전등 판매", "전등", true, "whole words"},
		{"ko", "전등을 판매합니다", "전등", false, "particles stay on the word"},
		{"ko", "빨간 의자", "빨간 의자", true, "two words"},
		{"", "Ｈｅｌｌｏ", "hello", false, "full-width is another form"},
		{"", "naïve e\u0301te\u0301", "été", true, "accents of their own"},
		{"", "🎉 party", "party", true, "beside signs"},
	}
	w := newWorld(t)
	made := map[string]bool{}
	for _, c := range cases {
		name := "in-" + c.language + "x"
		if made[name] {
			continue
		}
		made[name] = true
		if _, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: name, Language: c.language}); err != nil {
			t.Fatal(err)
		}
		var docs []string
		for _, other := range cases {
			if other.language == c.language {
				docs = append(docs, `{"id":`+quoted(other.text)+`,"title":`+quoted(other.text)+`}`)
			}
		}
		w.add(name, docs...)
	}
	for _, language := range engine.Languages() {
		if !made["in-"+language+"x"] {
			t.Errorf("%s is not in the table", language)
		}
	}
	for _, c := range cases {
		q := engine.Query{Text: c.query, SearchFields: map[string]float64{"title": 1}, ResultFields: map[string]engine.ResultField{"title": {Snippet: &engine.SnippetOption{Size: 100}}}}
		found := false
		for _, h := range w.search("in-"+c.language+"x", q).Hits {
			if h.ID == c.text {
				found = true
				if s := h.Fields["title"].Snippet; s == nil || !strings.Contains(*s, "<em>") {
					t.Errorf("%s %q: nothing is marked in %v", c.language, c.query, s)
				}
			}
		}
		if found != c.want {
			t.Errorf("%s: %q finds %q: %t, want %t (%s)", c.language, c.query, c.text, found, c.want, c.why)
		}
	}
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
