package audit

import (
	"context"
	"fmt"
	"testing"

	"latchkey/db"
)

// many is how many events the history of the benchmarks has.
const many = 1_000_000

// flood fills a history without sealing it: only reading is measured.
func flood(b *testing.B) instance {
	b.Helper()
	i := openInstance(b)
	for from := 0; from < many; from += 4_000 {
		err := i.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `
				WITH RECURSIVE n (i) AS (SELECT $1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1 + 4000)
				INSERT INTO audit (seq, id, at, organization_id, project_id, actor_kind, actor_id, actor_label, address, request_id,
					action, subject_id, subject_label, changes, hash)
				SELECT i, 'id-' || i, 1700000000000 + i * 1000, CASE WHEN i % 10 = 0 THEN 'other' ELSE 'acme' END, CASE WHEN i % 10 = 0 THEN 'store' ELSE 'shop' END,
					'user', 'user-' || (i % 97), 'user-' || (i % 97) || '@example.com', '192.0.2.1', 'request-' || i,
					CASE WHEN i % 1000 = 1 THEN 'key.revoke' WHEN i % 3 = 0 THEN 'key.create' ELSE 'key.update' END,
					'00000000-0000-4000-8000-' || substr('000000000000' || (i % 5000), -12), 'Key number ' || (i % 5000), '[]', 'hash'
				FROM n`, from)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return i
}

// BenchmarkListOfAMillionEvents measures one page of a large history, also the slowest there can be: a text that is
// nowhere.
func BenchmarkListOfAMillionEvents(b *testing.B) {
	i := flood(b)
	for _, c := range []struct {
		name string
		f    Filter
	}{
		{"all", Filter{}}, {"actor", Filter{Actor: "user-5"}}, {"action", Filter{Action: "key.revoke"}}, {"group", Filter{Action: "key.*"}},
		{"object", Filter{Object: "00000000-0000-4000-8000-000000000042"}}, {"actor and action", Filter{Actor: "user-5", Action: "key.revoke"}},
		{"text", Filter{Object: "number 42"}}, {"text that is nowhere", Filter{Object: "nowhere"}},
	} {
		for at, cursor := range map[string]Cursor{"newest": {}, "middle": {1700000000000 + many/2*1000, many / 2}} {
			b.Run(fmt.Sprintf("%s, %s", c.name, at), func(b *testing.B) {
				for b.Loop() {
					if _, err := i.List(context.Background(), system, shop, c.f, Page{Cursor: cursor}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("choices", func(b *testing.B) {
		for b.Loop() {
			if _, err := i.Choices(context.Background(), system, acme); err != nil {
				b.Fatal(err)
			}
		}
	})
}
