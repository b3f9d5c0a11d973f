package analytics_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/analytics"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

var ctx = context.Background()

// world has the engines shop and blog in project p of organization o, and shop in project q of organization z.
type world struct {
	*analytics.Store
	t     testing.TB
	dir   *db.Dir
	clock *dbtest.Clock
	place permission.Target
	who   audit.Who
}

func open(t testing.TB) *world {
	t.Helper()
	clock := dbtest.NewClock()
	w := &world{t: t, clock: clock, dir: dbtest.Open(t, clock), place: permission.Target{Organization: "o", Project: "p"}, who: audit.CommandLine()}
	w.Store = analytics.NewStore(w.dir.Core, w.dir.Engines)
	w.sql(w.dir.Core, `
		INSERT INTO all_organizations (id, name, slug, created_at, updated_at) VALUES ('o', 'o', 'o', 1, 1), ('z', 'z', 'z', 1, 1);
		INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at)
		VALUES ('p', 'o', 'p', 'p', 'p', 1, 1), ('q', 'z', 'q', 'q', 'q', 1, 1);
		INSERT INTO engines (id, project_id, name, created_at, updated_at) VALUES ('e-shop', 'p', 'shop', 1, 1), ('e-blog', 'p', 'blog', 1, 1), ('e-foreign', 'q', 'shop', 1, 1)`)
	return w
}

func (w *world) sql(d *db.DB, query string, args ...any) {
	w.t.Helper()
	w.must(d.Write(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.ExecContext(ctx, query, args...); return err }))
}

func (w *world) number(query string, args ...any) (n int64) {
	w.t.Helper()
	w.must(w.dir.Engines.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, query, args...)
		return err
	}))
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) flush() {
	w.t.Helper()
	w.must(w.Flush(ctx))
}

func (w *world) search(query string, found bool, tags ...string) {
	w.Searched("e-shop", analytics.Search{Query: query, Found: found, Tags: tags})
}

func (w *world) click(query, document string, tags ...string) {
	w.t.Helper()
	w.must(w.Clicked(ctx, w.who, w.place, "shop", analytics.Click{Query: query, Document: document, Tags: tags}))
}

// terms tells the top terms as "term searches/clicks".
func (w *world) terms(f analytics.Filter) string {
	w.t.Helper()
	list, err := w.TopTerms(ctx, w.who, w.place, "shop", f, analytics.Page{Limit: 10})
	w.must(err)
	var texts []string
	for _, t := range list {
		texts = append(texts, fmt.Sprintf("%s %d/%d", t.Term, t.Searches, t.Clicks))
	}
	return strings.Join(texts, ", ")
}

func (w *world) documents(f analytics.Filter) string {
	w.t.Helper()
	list, err := w.TopDocuments(ctx, w.who, w.place, "shop", f, analytics.Page{Limit: 10})
	w.must(err)
	var texts []string
	for _, d := range list {
		texts = append(texts, fmt.Sprintf("%s %d", d.Document, d.Clicks))
	}
	return strings.Join(texts, ", ")
}

// total tells all searches and clicks of the last week.
func (w *world) total(f analytics.Filter) string {
	w.t.Helper()
	list, err := w.Counts(ctx, w.who, w.place, "shop", f, analytics.Daily)
	w.must(err)
	var searches, clicks int64
	for _, b := range list {
		searches, clicks = searches+b.Searches, clicks+b.Clicks
	}
	return fmt.Sprintf("%d/%d", searches, clicks)
}

func of[T any](v T) *T { return &v }

func TestAnswersTellWhatWasSearchedForAndClicked(t *testing.T) {
	w := open(t)
	w.search("old", true)
	w.clock.Add(5 * 24 * time.Hour)
	w.search("Red  LAMP ", true)
	w.search("red lamp", true, "web")
	w.search("red lamp", false, "mobile", "web", "web")
	w.search("unicorn", false, "mobile")
	w.search("", true)
	w.click("red lamp", "p1", "web")
	w.click("RED lamp", "p1")
	w.click("red lamp", "p2", "mobile", "web")
	w.click("only clicked", "p2")
	w.flush()
	w.clock.Add(time.Hour)
	w.search("red lamp", true)
	w.flush()
	now, day := w.clock.Now(), 24*time.Hour
	for name, c := range map[string]struct {
		f                       analytics.Filter
		terms, documents, total string
	}{
		"everything":      {analytics.Filter{}, "red lamp 4/3,  1/0, old 1/0, unicorn 1/0, only clicked 0/1", "p1 2, p2 2", "7/4"},
		"one term":        {analytics.Filter{Query: of("Red Lamp")}, "red lamp 4/3", "p1 2, p2 1", "4/3"},
		"the empty term":  {analytics.Filter{Query: of("")}, " 1/0", "", "1/0"},
		"something found": {analytics.Filter{Found: of(true)}, "red lamp 3/3,  1/0, old 1/0", "p1 2, p2 2", "5/4"},
		"nothing found":   {analytics.Filter{Found: of(false)}, "red lamp 1/3, unicorn 1/0", "p1 2, p2 2", "2/4"},
		"clicked":         {analytics.Filter{Clicked: of(true)}, "red lamp 4/3, only clicked 0/1", "p1 2, p2 2", "7/4"},
		"not clicked":     {analytics.Filter{Clicked: of(false)}, " 1/0, old 1/0, unicorn 1/0", "p1 2, p2 2", "7/4"},
		"a tag":           {analytics.Filter{Tags: [][]string{{"web"}}}, "red lamp 2/2", "p1 1, p2 1", "2/2"},
		"one of tags":     {analytics.Filter{Tags: [][]string{{"web", "mobile"}}}, "red lamp 2/2, unicorn 1/0", "p1 1, p2 1", "3/2"},
		"two tags":        {analytics.Filter{Tags: [][]string{{"web"}, {"mobile"}}}, "red lamp 1/1", "p2 1", "1/1"},
		"no tag":          {analytics.Filter{Tags: [][]string{{}}}, "", "", "0/0"},
		"unknown tag":     {analytics.Filter{Tags: [][]string{{"WEB"}}}, "", "", "0/0"},
		"a document":      {analytics.Filter{Document: of("p2")}, "only clicked 0/1, red lamp 0/1", "p2 2", "0/2"},
		"before":          {analytics.Filter{To: now.Add(-4 * day)}, "old 1/0", "", "1/0"},
		"since":           {analytics.Filter{From: now.Add(-time.Hour)}, "red lamp 4/3,  1/0, unicorn 1/0, only clicked 0/1", "p1 2, p2 2", "6/4"},
		"later":           {analytics.Filter{From: now.Add(day)}, "", "", "0/0"},
		"in between":      {analytics.Filter{From: now.Add(-3 * day), To: now.Add(-2 * day)}, "", "", "0/0"},
	} {
		if terms := w.terms(c.f); terms != c.terms {
			t.Errorf("%s: terms %q, want %q", name, terms, c.terms)
		}
		if documents := w.documents(c.f); documents != c.documents {
			t.Errorf("%s: documents %q, want %q", name, documents, c.documents)
		}
		if total := w.total(c.f); total != c.total {
			t.Errorf("%s: total %q, want %q", name, total, c.total)
		}
	}
	second, err := w.TopTerms(ctx, w.who, w.place, "shop", analytics.Filter{}, analytics.Page{Offset: 1, Limit: 2})
	if err != nil || len(second) != 2 || second[1].Term != "old" {
		t.Errorf("second page: %v %v", second, err)
	}
	if other, err := w.TopTerms(ctx, w.who, w.place, "blog", analytics.Filter{}, analytics.Page{Limit: 10}); err != nil || len(other) != 0 {
		t.Errorf("another engine: %v %v", other, err)
	}
}

func TestBucketsBeginWithTheDayAndEndNow(t *testing.T) {
	w := open(t) // Saturday, 14 March, 9:26:53
	w.search("a", true)
	w.clock.Add(48 * time.Hour)
	w.search("a", true)
	w.click("a", "p1")
	w.flush()
	list, err := w.Counts(ctx, w.who, w.place, "shop", analytics.Filter{}, analytics.Daily)
	w.must(err)
	now := w.clock.Now()
	if len(list) != 8 || !list[0].From.Equal(now.Add(-7*24*time.Hour)) || !list[7].To.Equal(now) || list[0].To.Hour() != 0 || list[7].From.Hour() != 0 {
		t.Errorf("days: %v", list)
	}
	if list[5].Searches != 1 || list[5].Clicks != 0 || list[7].Searches != 1 || list[7].Clicks != 1 {
		t.Errorf("counts: %v", list)
	}
	list, err = w.Counts(ctx, w.who, w.place, "shop", analytics.Filter{From: now.Add(-90 * time.Minute), To: now.Add(time.Hour)}, analytics.Hourly)
	if err != nil || len(list) != 3 || list[0].From.Minute() != 56 || list[0].To.Minute() != 0 || list[2].Searches != 1 || !list[2].To.Equal(now) {
		t.Errorf("hours: %v %v", list, err)
	}
	if list, err := w.Counts(ctx, w.who, w.place, "shop", analytics.Filter{From: now.Add(time.Hour)}, analytics.Daily); err != nil || len(list) != 0 {
		t.Errorf("the future: %v %v", list, err)
	}
	for name, f := range map[string]analytics.Filter{
		"too many hours": {From: now.Add(-300 * 24 * time.Hour)},
		"too long":       {From: now.Add(-30 * 365 * 24 * time.Hour)},
		"backwards":      {From: now, To: now.Add(-time.Hour)},
		"too many tags":  {Tags: [][]string{make([]string, 60), make([]string, 60)}},
	} {
		if _, err := w.Counts(ctx, w.who, w.place, "shop", f, analytics.Hourly); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Random queries and tags fill neither memory nor tables, and are counted all the same.
func TestFloodsAreCountedTogether(t *testing.T) {
	w := open(t)
	w.search("first", true, "web")
	w.click("first", "p1")
	w.flush()
	for i := range 3 * analytics.MaxWaiting {
		w.search(fmt.Sprint("waiting ", i), false, fmt.Sprint(i%300))
	}
	w.flush()
	if got, want := w.total(analytics.Filter{}), fmt.Sprintf("%d/1", 1+3*analytics.MaxWaiting); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := w.number("SELECT COUNT(*) FROM analytics_queries WHERE rest = 0"); n > analytics.MaxWaiting+1 {
		t.Errorf("%d rows after one flush", n)
	}
	if n := w.number("SELECT COUNT(*) FROM analytics_tag_sets"); n != analytics.MaxTagSets {
		t.Errorf("%d sets of tags", n)
	}
	w.sql(w.dir.Engines, "UPDATE analytics_days SET n = $1 WHERE kind IN ('queries', 'clicks')", analytics.MaxRows-1)
	for i := range 10 {
		w.search(fmt.Sprint("late ", i), false)
		w.click(fmt.Sprint("late ", i), "p1")
	}
	w.search("first", true, "web")
	w.flush()
	if got, want := w.total(analytics.Filter{}), fmt.Sprintf("%d/11", 12+3*analytics.MaxWaiting); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := w.number("SELECT COUNT(*) FROM analytics_queries WHERE term LIKE 'late%'"); n != 1 {
		t.Errorf("%d terms beyond the limit", n)
	}
	if n := w.number("SELECT COUNT(*) FROM analytics_clicks WHERE term LIKE 'late%'"); n != 1 {
		t.Errorf("%d clicks beyond the limit", n)
	}
	if got := w.total(analytics.Filter{Query: of("first"), Tags: [][]string{{"web"}}}); got != "2/0" {
		t.Errorf("what was known before: %s", got)
	}
	if strings.HasPrefix(w.terms(analytics.Filter{}), " ") {
		t.Errorf("the rest in a list: %s", w.terms(analytics.Filter{}))
	}
	w.clock.Add(24 * time.Hour)
	w.search("tomorrow", true)
	w.flush()
	if got := w.total(analytics.Filter{Query: of("tomorrow")}); got != "1/0" {
		t.Errorf("the next day: %s", got)
	}
}

func TestNothingIsLostWhereWritingFailsForAWhile(t *testing.T) {
	w := open(t)
	w.search("lamp", true)
	w.click("lamp", "p1")
	w.Log(w.who, w.place, "shop", analytics.Request{Method: "GET", Path: "/a"})
	for _, table := range []string{"analytics_queries", "analytics_clicks", "api_logs"} {
		w.sql(w.dir.Engines, "ALTER TABLE "+table+" RENAME TO away")
		w.search("lamp", true)
		w.Log(w.who, w.place, "shop", analytics.Request{Method: "GET", Path: "/a"})
		if err := w.Flush(ctx); err == nil {
			t.Fatal("written into a table that is not there")
		}
		w.sql(w.dir.Engines, "ALTER TABLE away RENAME TO "+table)
	}
	w.flush()
	if got := w.total(analytics.Filter{}); got != "4/1" {
		t.Errorf("%s, want 4/1", got)
	}
	if n := w.number("SELECT COUNT(*) FROM api_logs"); n != 4 {
		t.Errorf("%d requests", n)
	}
}

func TestManyRecordAtOnce(t *testing.T) {
	w := open(t)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 200 {
				w.search(fmt.Sprint("term ", j%7), true, "web")
				if j%50 == 0 {
					if err := w.Flush(ctx); err != nil {
						t.Error(i, err)
					}
				}
			}
		})
	}
	all.Wait()
	w.flush()
	if got := w.total(analytics.Filter{}); got != "800/0" {
		t.Errorf("%s, want 800/0", got)
	}
}

func TestRunWritesWhatIsLeftWhenItEnds(t *testing.T) {
	w := open(t)
	ctx, stop := context.WithCancel(ctx)
	stop()
	w.search("lamp", true)
	w.Run(ctx, nil)
	if got := w.total(analytics.Filter{}); got != "1/0" {
		t.Errorf("%s, want 1/0", got)
	}
}

func TestOldRowsAndThoseOfDeletedEnginesAreRemoved(t *testing.T) {
	w := open(t)
	request := analytics.Request{Method: "GET", Path: "/a"}
	w.search("lamp", true, "web")
	w.click("lamp", "p1", "mobile")
	w.Log(w.who, w.place, "shop", request)
	w.Searched("e-blog", analytics.Search{Query: "post"})
	w.flush()
	w.clock.Add(7 * 24 * time.Hour)
	w.must(w.Clean(ctx))
	if n := w.number("SELECT COUNT(*) FROM api_logs"); n != 1 {
		t.Errorf("%d requests after seven days", n)
	}
	w.clock.Add(3 * 24 * time.Hour)
	w.must(w.Clean(ctx))
	if n := w.number("SELECT COUNT(*) FROM api_logs"); n != 0 {
		t.Errorf("%d requests after ten days", n)
	}
	w.clock.Add(170 * 24 * time.Hour)
	w.search("lamp", true, "web")
	w.flush()
	w.must(w.Clean(ctx))
	if n := w.number("SELECT COUNT(*) FROM analytics_queries"); n != 3 {
		t.Errorf("%d searches after 180 days", n)
	}
	w.clock.Add(2 * 24 * time.Hour)
	w.must(w.Clean(ctx))
	if n := w.number("SELECT COUNT(*) FROM analytics_queries") + w.number("SELECT COUNT(*) FROM analytics_clicks"); n != 1 {
		t.Errorf("%d rows after 182 days", n)
	}
	if n := w.number("SELECT COUNT(*) FROM analytics_tags"); n != 1 {
		t.Errorf("%d tags after 182 days", n)
	}
	for i := range 700 {
		w.search(fmt.Sprint(i), true, "web")
	}
	w.Log(w.who, w.place, "shop", request)
	w.flush()
	w.sql(w.dir.Core, "DELETE FROM engines WHERE id = 'e-shop'")
	w.must(w.Clean(ctx))
	for _, table := range []string{"analytics_queries", "analytics_clicks", "analytics_tag_sets", "analytics_tags", "analytics_days", "api_logs"} {
		if n := w.number("SELECT COUNT(*) FROM " + table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	if n := w.number("SELECT COUNT(*) FROM analytics_engines WHERE id = 'e-blog'"); n != 1 || w.number("SELECT COUNT(*) FROM analytics_engines") != 1 {
		t.Error("engines")
	}
}
