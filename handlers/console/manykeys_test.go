package console_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/credential"
	"latchkey/web/webtest"
)

// fill makes n keys in Shop by plain SQL, in every state, with uses and engines.
func (w *world) fill(n int) {
	w.t.Helper()
	now := w.clock.Now().UnixMilli()
	const piece = 5_000 // one transaction must not take too long
	for from := 1; from <= n; from += piece {
		check(w.t, w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `
				WITH RECURSIVE n (i) AS (SELECT $3 UNION ALL SELECT i + 1 FROM n WHERE i < $4)
				INSERT INTO keys (id, project_id, name, description, type, access, all_engines, first_engine, expires_at, hash, visible, legacy,
					created_at, created_by, updated_at, search_text, revoked_at, revoked_by)
				SELECT printf('00000000-0000-4000-8000-%012d', i * 7919 % 1000003), $1, printf('service-%06d', i), printf('Service number %d of the shop', i),
					CASE WHEN i % 5 = 0 THEN 'search' WHEN i % 97 = 0 THEN 'admin' ELSE 'private' END,
					CASE WHEN i % 5 = 0 OR i % 97 = 0 THEN '' WHEN i % 3 = 0 THEN 'read' ELSE 'full' END,
					i % 2 = 0 OR i % 97 = 0, CASE WHEN i % 2 = 0 OR i % 97 = 0 THEN '' ELSE printf('engine-%d', i % 40) END,
					CASE WHEN i % 4 = 0 THEN $2 + (i % 400 - 60) * 86400000 END, printf('%064d', i), printf('private-%03d*****%03d', i % 1000, i % 997), i % 50 = 0,
					$2 - i % 200 * 86400000 - i, printf('user-%d@example.com', i % 30), $2, printf('service-%06d', i) || char(10) || printf('service number %d of the shop', i),
					CASE WHEN i % 11 = 0 THEN $2 - 1000 END, CASE WHEN i % 11 = 0 THEN 'x' END
				FROM n`, w.project.ID, now, from, min(from+piece-1, n))
			return err
		}))
	}
	for _, part := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		check(w.t, w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO key_engines (key_id, engine) SELECT id, first_engine FROM keys WHERE first_engine <> '' AND name LIKE '%'||$1;
				INSERT INTO key_use (key_id, used_at, address, user_agent)
				SELECT id, $2 - created_at % 10000000000, '198.51.100.7', 'curl/8' FROM keys WHERE created_at % 3 > 0 AND name LIKE '%'||$1`, part, now)
			return err
		}))
	}
}

// restart reads the keys anew, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	fresh, err := credential.NewStore(context.Background(), w.dir.Core, w.dir.Master, w.deps.Audit)
	check(w.t, err)
	*w.deps.Credentials = *fresh
}

// times are what one page takes one page with few and with many keys in the project.
type times struct{ few, many time.Duration }

// lists are what is measured: the page as it opens, every order both ways, every state, and searches.
func lists() []string {
	list := []string{""}
	for _, sort := range []string{"name", "type", "access", "engines", "last_used", "expires", "created", "status"} {
		list = append(list, "?sort="+sort+"&dir=asc", "?sort="+sort+"&dir=desc")
	}
	list = append(list, "?inactive=1", "?inactive=1&sort=created")
	for _, status := range []string{"active", "expiring", "expired", "revoked", "unused", "never_used", "legacy"} {
		list = append(list, "?status="+status)
	}
	return append(list, "?q=service-0", "?q=number+99", "?type=admin", "?type=private&sort=last_used", "?engine=engine-3", "?creator=user-7%40example.com", "?access=read")
}

// The same pages, by the whole server, with 100 keys and with 100,000 in one run. "x" is how much longer the second take;
// for the page as it opens and for every order it has to be at most 3.
func BenchmarkManyKeys(b *testing.B) {
	few, many := settled(b), settled(b)
	few.fill(100)
	many.fill(100_000)
	few.restart()
	many.restart()
	small, large := few.as(ada), many.as(ada)
	for _, list := range lists() {
		b.Run("list"+list, func(b *testing.B) {
			var t times
			for b.Loop() {
				t.few += fetch(b, small, list)
				t.many += fetch(b, large, list)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(t.few.Microseconds())/1000/float64(b.N), "ms-100")
			b.ReportMetric(float64(t.many.Microseconds())/1000/float64(b.N), "ms-100000")
			b.ReportMetric(float64(t.many)/float64(t.few), "x")
		})
	}
}

func fetch(b *testing.B, browser *webtest.Client, list string) time.Duration {
	start := time.Now()
	a := browser.Get(keysURL + list)
	if a.Status != 200 {
		b.Fatal(fmt.Errorf("%s: %d", list, a.Status))
	}
	return time.Since(start)
}
